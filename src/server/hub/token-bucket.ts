/** A rate: `per_second` on average, `burst` at once. */
export type Rate = { readonly per_second: number; readonly burst: number };

/** Tokens at an instant (ms). A missing bucket is a full one. */
export type Bucket = { readonly tokens: number; readonly at: number };

export function refill(bucket: Bucket | undefined, rate: Rate, now: number): Bucket {
  if (bucket === undefined) return { tokens: rate.burst, at: now };
  const gained = (Math.max(0, now - bucket.at) / 1000) * rate.per_second;
  return { tokens: Math.min(rate.burst, bucket.tokens + gained), at: now };
}

/** Milliseconds until the bucket, refilled to `bucket.at`, holds a whole token; 0 if it does. */
export function waitForToken(bucket: Bucket, rate: Rate): number {
  return bucket.tokens >= WHOLE ? 0 : Math.ceil(((WHOLE - bucket.tokens) / rate.per_second) * 1000);
}

// Sums of fractions fall short of 1 by rounding; the wait that was announced must suffice.
const WHOLE = 1 - 1e-9;

export function takeToken(bucket: Bucket): Bucket {
  return { tokens: bucket.tokens - 1, at: bucket.at };
}
