/**
 * Writes `docs/models.md`: every model with its source, its published verdict and what the checker found.
 *
 *   node scripts/models.ts
 */
import { writeFileSync } from 'node:fs';
import { pagesOfModels } from './models/page.ts';

writeFileSync('docs/models.md', pagesOfModels('models'));
