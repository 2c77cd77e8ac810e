import { z } from 'zod';

/** Tokens come back at `perSecond`, up to `burst`. */
export const Rate = z.strictObject({ perSecond: z.number().positive(), burst: z.number().positive() });
export type Rate = z.infer<typeof Rate>;

/** `scale` multiplies every rate and burst. `retryAfterSeconds` adds the header, which AWS usually leaves out. */
export const ThrottleSettings = z.strictObject({
  enabled: z.boolean(),
  scale: z.number().positive(),
  total: Rate,
  operations: z.record(z.string(), Rate),
  retryAfterSeconds: z.number().optional(),
});
export type ThrottleSettings = z.infer<typeof ThrottleSettings>;

const every = (seconds: number): Rate => ({ perSecond: 1 / seconds, burst: 1 });

/** The quotas in the API Gateway developer guide ("quotas for creating, deploying and managing an API"); all fixed. */
export const AWS_QUOTAS: ThrottleSettings = {
  enabled: true,
  scale: 1,
  total: { perSecond: 10, burst: 40 },
  operations: {
    CreateApiKey: { perSecond: 5, burst: 5 },
    DeleteApiKey: { perSecond: 5, burst: 5 },
    GetResources: { perSecond: 2.5, burst: 5 },
    UpdateUsagePlan: every(20),
    CreateDeployment: every(5),
    CreateRestApi: every(3),
    ImportRestApi: every(3),
    PutRestApi: every(1),
    DeleteRestApi: every(30),
  },
};

/** A token bucket: it had `tokens` at `at` (milliseconds). */
interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** The bucket at `now`: refilled, but never above its burst. A clock that went back refills nothing. */
function refill(bucket: Bucket | undefined, rate: Rate, now: number): Bucket {
  if (bucket === undefined) return { tokens: rate.burst, at: now };
  const passed = Math.max(0, now - bucket.at) / 1000;
  return { tokens: Math.min(rate.burst, bucket.tokens + passed * rate.perSecond), at: now };
}

/** One limiter for all accounts and regions; each has its own buckets. */
export interface Throttle {
  /** Takes one call at `now` (milliseconds). False: too many, and nothing was taken. */
  admit(account: string, region: string, operation: string, now: number): boolean;
  readonly settings: ThrottleSettings;
  /** Changes settings and fills every bucket. */
  set(settings: Partial<ThrottleSettings>): void;
}

// A sum of floating-point refills may end slightly below a whole token.
const ROUNDING_ERROR = 1e-9;

/** A limiter with the given settings. */
export function createThrottle(initial: ThrottleSettings): Throttle {
  let settings = initial;
  const buckets = new Map<string, Bucket>();
  const scaled = (rate: Rate): Rate => ({
    perSecond: rate.perSecond * settings.scale,
    burst: Math.max(1, rate.burst * settings.scale),
  });
  return {
    get settings() {
      return settings;
    },
    set(change) {
      settings = { ...settings, ...change };
      buckets.clear();
    },
    admit(account, region, operation, now) {
      if (!settings.enabled) return true;
      const own = settings.operations[operation];
      const wanted = [
        { key: `${account}/${region}`, rate: scaled(settings.total) },
        ...(own === undefined ? [] : [{ key: `${account}/${region}/${operation}`, rate: scaled(own) }]),
      ].map(({ key, rate }) => ({ key, bucket: refill(buckets.get(key), rate, now) }));
      if (wanted.some(({ bucket }) => bucket.tokens < 1 - ROUNDING_ERROR)) return false;
      for (const { key, bucket } of wanted) buckets.set(key, { ...bucket, tokens: bucket.tokens - 1 });
      return true;
    },
  };
}
