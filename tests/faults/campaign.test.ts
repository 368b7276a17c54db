/** What supervision from the journal promises, on a sample of schedules, against the two other policies. `npm run faults` plays as many as it is told. */
import { expect, test } from 'vitest';
import { ALL_FAULTS, campaign, NO_FAULTS, type Policy, play } from './campaign.ts';

test('without faults the policies are one', async () => {
  for (const policy of ['nobody', 'from the beginning', 'from the journal'] as Policy[])
    expect(await campaign(policy, NO_FAULTS, 3)).toMatchObject({ answered: 30, doubled: 0, invented: 0, kills: 0 });
});

test('from the journal: everything is answered, and done once', async () => {
  const score = await campaign('from the journal', ALL_FAULTS, 40);
  expect(score).toMatchObject({ answered: 400, doubled: 0, invented: 0 });
  expect(score.kills).toBeGreaterThan(200);
});

test('the same faults, and nobody: what was killed stays away', async () => {
  const score = await campaign('nobody', ALL_FAULTS, 15);
  expect(score.answered).toBeLessThan(100);
  expect(score.doubled).toBe(0);
});

test('the same faults, and from the beginning: what was done is done again', async () => {
  const score = await campaign('from the beginning', ALL_FAULTS, 15);
  expect(score.answered).toBeGreaterThan(140);
  expect(score.doubled).toBeGreaterThan(5);
});

test('the same seed is the same run', async () => {
  const runs = await Promise.all([1, 2].map(() => play('from the journal', ALL_FAULTS, 7)));
  expect(runs[0]).toEqual(runs[1]);
});
