/** The AWS side: the targets of an integration, complete reads, changes of keys, the shared budget, one class per error. */
export * from './model.ts';
export * from './errors.ts';
