/** A rate: `per_second` on average, `burst` at once. */
export type Rate = { readonly per_second: number; readonly burst: number };

/** Tokens at an instant (ms). A missing bucket is a full one. */
export type Bucket = { readonly tokens: number; readonly at: number };

export function refill(bucket: Bucket | undefined, rate: Rate, now: number): Bucket {
  if (bucket === undefined) return { tokens: rate.burst, at: now };
  const gained = (Math.max(0, now - bucket.at) / 1000) * rate.per_second;
  return { tokens: Math.min(rate.burst, bucket.tokens + gained), at: now };
}

/** Milliseconds until the bucket, refilled to `bucket.at`, holds so many tokens; 0 if it does. */
export function waitForTokens(bucket: Bucket, rate: Rate, count = 1): number {
  const missing = count - ROUNDING - bucket.tokens;
  return missing <= 0 ? 0 : Math.ceil((missing / rate.per_second) * 1000);
}

// Sums of fractions fall short of a whole by rounding; the wait that was announced must suffice.
const ROUNDING = 1e-9;

export function takeToken(bucket: Bucket): Bucket {
  return { tokens: bucket.tokens - 1, at: bucket.at };
}
