// A job is a list of operations that belong together: the pages of pasted indicators. It belongs to the tab that has its first
// operation, unchanged.
const jobs = new Map();

const keyOf = (query, variables) => `${query}\n${variables}`;

export const addJob = (first, operations) => jobs.set(keyOf(first.query, first.variables), operations);

export const jobOf = (tab) => jobs.get(keyOf(tab?.query, tab?.variables));
