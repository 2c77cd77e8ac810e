/** `NO_PROXY`: the hosts that are reached without a proxy. */
import { BlockList, isIP } from 'node:net';

/**
 * Items are separated by commas or blanks. `*` means every host. `example.com`, `.example.com` and `*.example.com` mean
 * that domain and everything below it. Addresses and networks (`10.0.0.0/8`) match hosts that are written as addresses.
 * An item may end with a port.
 */
export function isExcludedFromProxy(url: string, noProxy: string): boolean {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/gu, '').toLowerCase();
  const usual = protocol === 'https:' || protocol === 'wss:' ? '443' : '80';
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/u)
    .filter(Boolean)
    .some((item) => matches(item, host, port === '' ? usual : port));
}

function matches(item: string, host: string, port: string): boolean {
  if (item === '*') return true;
  if (item.includes('/')) return isInNetwork(host, item);
  // What follows the last colon is a port, unless the item is an IPv6 address.
  const [, bare = item, itemPort] = isIP(item) === 6 ? [] : (/^(.+?)(?::(\d+))?$/u.exec(item) ?? []);
  if (itemPort !== undefined && itemPort !== port) return false;
  const name = bare.replace(/^\[|\]$/gu, '').replace(/^\*?\./u, '');
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d+$/u.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}
