/** Samples in the store: each is added to its minute and its hour; what is older than its tier keeps is deleted. */
import type { Change, Collection, Place, Store } from '@enhanced-csp/platform';
import { type Bucket, bucketOf, merged, type Sample } from './sample.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export interface Tier {
  readonly name: 'minute' | 'hour';
  readonly widthMs: number;
  readonly keepMs: number;
}

export const MINUTES: Tier = { name: 'minute', widthMs: MINUTE_MS, keepMs: 48 * HOUR_MS };
export const HOURS: Tier = { name: 'hour', widthMs: HOUR_MS, keepMs: 90 * 24 * HOUR_MS };
const TIERS = [MINUTES, HOURS];

export const SAMPLES: Collection = { name: 'telemetry_samples', fields: { tier: 'text', at: 'integer' } };

/** How many old buckets one sample takes away at most. */
const DELETIONS_MAX = 100;

export interface History {
  add(sample: Sample): Promise<void>;
  /** Buckets that begin at `from` or later, oldest first. */
  read(tier: Tier, from: number): Promise<readonly Bucket[]>;
}

/** `keepMs`: how long buckets of an hour are kept; those of a minute at most as long. */
export function openHistory(store: Store, keepMs = HOURS.keepMs): History {
  const current = new Map<Tier, Bucket>();
  return {
    async add(sample) {
      const changes: Change[] = [];
      for (const tier of TIERS) {
        const bucket = bucketOf(sample, tier.widthMs);
        const id = `${tier.name}-${bucket.at}`;
        const known = current.get(tier);
        // The bucket of a server that was stopped in the middle of it is gone on with.
        const before = known?.at === bucket.at ? known : (await store.get<Bucket>(SAMPLES.name, id))?.body;
        const body = before === undefined ? bucket : merged(before, bucket);
        current.set(tier, body);
        changes.push({
          change: 'put',
          collection: SAMPLES.name,
          id,
          fields: { tier: tier.name, at: bucket.at },
          body,
        });
        const oldest = await store.find<Bucket>(SAMPLES.name, {
          where: { tier: tier.name },
          orderBy: 'at',
          limit: DELETIONS_MAX,
          offset: 0,
        });
        for (const { id, body } of oldest.records)
          if (body.at < sample.at - (tier === HOURS ? keepMs : Math.min(tier.keepMs, keepMs)))
            changes.push({ change: 'delete', collection: SAMPLES.name, id });
      }
      await store.commit(changes);
    },

    async read(tier, from) {
      const buckets: Bucket[] = [];
      for (let after: Place | undefined; ; ) {
        const { records, next } = await store.find<Bucket>(SAMPLES.name, {
          where: { tier: tier.name, at: { from } },
          orderBy: 'at',
          limit: 1000,
          offset: 0,
          mayLag: true,
          ...(after === undefined ? {} : { after }),
        });
        buckets.push(...records.map(({ body }) => body));
        if (next === undefined) return buckets;
        after = next;
      }
    },
  };
}
