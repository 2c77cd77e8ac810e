/** Whether the content of a folder survives its container, judged by what is mounted there. Pure. */

interface Mount {
  /** The folder of the mounted file system that is visible here. */
  readonly root: string;
  readonly point: string;
}

/** Lines of /proc/self/mountinfo: id, parent, device, root, mount point, …; a blank is written `\040`. */
function mountsOf(mountinfo: string): readonly Mount[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([, , , root, point]) =>
      root === undefined || point === undefined ? [] : [{ root: plain(root), point: plain(point) }],
    );
}

function plain(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/gu, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** The mount of a path: the innermost one, and of two at one place the later one. */
function mountAt(path: string, mountinfo: string): Mount | undefined {
  const holds = ({ point }: Mount): boolean =>
    point === '/' || path === point || path.startsWith(`${point}/`);
  let found: Mount | undefined;
  for (const mount of mountsOf(mountinfo))
    if (holds(mount) && mount.point.length >= (found?.point.length ?? 0)) found = mount;
  return found;
}

/**
 * Why the content of the folder is lost together with its container; undefined: it persists, as far as can be seen.
 *
 * A `VOLUME` of an image is a volume even when the user mounts nothing: Docker and Podman name it with 64 hexadecimal
 * digits, containerd keeps it below the container. An emptyDir is on the node's disk, in the folder of its pod.
 *
 * @param path absolute
 * @param mountinfo of this process, in a container
 */
export function ephemeralMountReason(path: string, mountinfo: string): string | undefined {
  const mount = mountAt(path, mountinfo);
  if (mount === undefined || mount.point === '/') return `${path} is not on a volume`;
  if (/\/[0-9a-f]{64}(\/_data)?$|\/containers\/[0-9a-f]{64}\/volumes\//u.test(mount.root))
    return `${path} is on a volume without a name, which a new container does not get`;
  return mount.root.includes('/kubernetes.io~empty-dir/')
    ? `${path} is an emptyDir, which goes with its pod`
    : undefined;
}
