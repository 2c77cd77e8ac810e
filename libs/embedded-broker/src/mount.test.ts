import { expect, it } from '@jest/globals';
import { ephemeralMountReason } from './mount.ts';

const digits = '0123456789abcdef'.repeat(4);
/** As in a container, with this folder of the host at /data. */
const withData = (root: string, point = '/data') =>
  [
    '589 521 0:51 / / ro,relatime - overlay overlay ro,lowerdir=/a:/b',
    '590 589 0:54 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw',
    `640 589 254:1 ${root} ${point} rw,relatime - ext4 /dev/vda1 rw`,
    '',
  ].join('\n');

it.each([
  ['a named volume of Docker', '/var/lib/docker/volumes/federation-agent/_data'],
  ['a folder of the host', '/srv/agent'],
  ['a claim', '/var/lib/kubelet/pods/1f/volumes/kubernetes.io~csi/pvc-1/mount'],
  ['a whole disk', '/'],
])('%s stays', (_name, root) => expect(ephemeralMountReason('/data', withData(root))).toBeUndefined());

it.each([
  ["an image's own volume in Docker", `/var/lib/docker/volumes/${digits}/_data`],
  ["an image's own volume, Docker's folder on a disk of its own", `/volumes/${digits}/_data`],
  [
    "an image's own volume in containerd",
    `/var/lib/containerd/io.containerd.grpc.v1.cri/containers/${digits}/volumes/${digits}`,
  ],
  ['an emptyDir', '/var/lib/kubelet/pods/1f/volumes/kubernetes.io~empty-dir/data'],
])('%s goes', (_name, root) => expect(ephemeralMountReason('/data', withData(root))).toContain('/data is'));

it('no volume at all goes with the container', () =>
  expect(ephemeralMountReason('/opt/agent/data', withData('/srv/agent'))).toBe(
    '/opt/agent/data is not on a volume',
  ));

it('the folder may be below the volume, whose name may have blanks', () =>
  expect(
    ephemeralMountReason('/my data/agent', withData('/srv/my\\040agent', '/my\\040data')),
  ).toBeUndefined());
