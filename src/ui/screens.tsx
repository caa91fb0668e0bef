import type { ComponentType } from 'react';
import { CollectScreen } from './screens/collect-screen.tsx';
import { ContainersScreen, ImagesScreen, LayersScreen } from './screens/list-screen.tsx';
import { OverviewScreen } from './screens/overview-screen.tsx';
import type { TabId } from './state.ts';

/** The screen table: what each tab draws. */
export const screens: Readonly<Record<TabId, { readonly Screen: ComponentType }>> = {
	overview: { Screen: OverviewScreen },
	containers: { Screen: ContainersScreen },
	images: { Screen: ImagesScreen },
	layers: { Screen: LayersScreen },
	collect: { Screen: CollectScreen },
};
