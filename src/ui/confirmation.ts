import type { ContainerId, ImageId } from '../engine/model.ts';
import type { Plan } from '../gc/model.ts';

/** What a dialog asks, with all that its sentence says and its answer needs. */
export type Confirmation =
	| { readonly type: 'stop'; readonly targets: readonly ContainerTarget[] }
	| { readonly type: 'restart'; readonly targets: readonly ContainerTarget[] }
	| {
			readonly type: 'remove-containers';
			readonly targets: readonly ContainerTarget[];
			readonly preview: RemovalPreview;
	  }
	| { readonly type: 'remove-images'; readonly targets: readonly ImageTarget[]; readonly preview: RemovalPreview }
	/** Exactly the plan that is on screen. */
	| { readonly type: 'sweep'; readonly plan: Plan };

export interface ContainerTarget {
	readonly id: ContainerId;
	readonly name: string;
}

/** One row of the images screen. */
export interface ImageTarget {
	readonly imageId: ImageId;
	/** What `Images.remove` is asked for: a reference, or an image ID where there is none. */
	readonly name: string;
	readonly label: string;
	/** Stopped containers that still need it: the name goes, the image stays hidden for them. */
	readonly hiddenFor: readonly string[];
}

/** What would go with the targets, computed as the collector computes it. */
export interface RemovalPreview {
	/** Allocated bytes. */
	readonly freedBytes: number;
	/** Other things that go too because nothing needs them any more, in words. */
	readonly alsoGone: readonly string[];
}
