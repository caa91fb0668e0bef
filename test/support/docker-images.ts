import { readFileSync } from 'node:fs';
import { run } from './commands.ts';
import { debianLayer } from './debian-layers.ts';
import type { DockerDaemon } from './docker-daemon.ts';

/** What Docker says of an image. */
export interface DockerFacts {
	readonly id: string;
	readonly diffIds: readonly string[];
	readonly sizeBytes: number;
}

/**
 * Makes images out of Debian packages with a real Docker: `vessel:base`, and on it `vessel:app` (more packages, a
 * file deleted, a directory emptied and filled again, metadata, a second name `fleet/app:latest`), and `vessel:plain`
 * on the same base.
 */
export async function buildDockerImages(docker: DockerDaemon): Promise<void> {
	const base = await debianLayer(['base-files', 'busybox-static', 'perl-base']);
	const more = await debianLayer(['hostname', 'mount', 'tzdata']);
	dockerRun(docker, ['import', '--change', 'ENV PATH=/usr/bin:/bin', base, 'vessel:base']);
	// Docker takes a tar into a container that never ran.
	const commit = (from: string, tar: string, to: string) => {
		const container = dockerRun(docker, ['create', '--network', 'none', from, '/bin/busybox', 'true']);
		run('docker', ['cp', '-', `${container}:/`], { env: docker.env, input: readFileSync(tar) });
		dockerRun(docker, ['commit', container, to]);
		dockerRun(docker, ['rm', container]);
	};
	commit('vessel:base', more, 'vessel:more');
	commit('vessel:base', await debianLayer(['hostname']), 'vessel:plain');
	const script = [
		'/bin/busybox rm -r /usr/share/doc/base-files /etc/debian_version',
		'/bin/busybox rm -r /etc/update-motd.d',
		'/bin/busybox mkdir /etc/update-motd.d',
		'/bin/busybox touch /etc/update-motd.d/new',
		'/bin/busybox chmod 4711 /bin/busybox',
		'/bin/busybox mkdir -m 1777 /srv',
		'/bin/busybox mknod /srv/pipe p',
		'/bin/busybox ln -s /nowhere /srv/link',
		'/bin/busybox chown -h 1234:5678 /srv/link',
		'/bin/busybox ln /etc/issue /srv/issue',
	].join(' && ');
	const container = dockerRun(docker, [
		...['create', '--network', 'none', 'vessel:more'],
		...['/bin/busybox', 'sh', '-c', script],
	]);
	dockerRun(docker, ['start', '--attach', container]);
	const changes = [
		'CMD ["/bin/busybox","sh"]',
		'ENV GREETING="hello there"',
		'LABEL kind=vessel',
		'VOLUME /data',
		'USER 1000',
	];
	dockerRun(docker, ['commit', ...changes.flatMap((change) => ['--change', change]), container, 'vessel:app']);
	dockerRun(docker, ['rm', container]);
	dockerRun(docker, ['tag', 'vessel:app', 'fleet/app:latest']);
}

/** One docker command against that daemon. */
export function dockerRun(docker: DockerDaemon, parameters: readonly string[]): string {
	return run('docker', parameters, { env: docker.env });
}

/** @throws where Docker does not know the image */
export function dockerFacts(docker: DockerDaemon, name: string): DockerFacts {
	const [image] = JSON.parse(dockerRun(docker, ['image', 'inspect', name])) as [
		{ Id: string; Size: number; RootFS: { Layers: string[] } },
	];
	return { id: image.Id, diffIds: image.RootFS.Layers, sizeBytes: image.Size };
}
