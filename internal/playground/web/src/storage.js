import { tabs } from './tabs.js';

// What a visitor types outlives a reload, but under a name that holds a digest of the ready tabs: a new version of them is
// shown at once, and another GraphiQL that was served from the same address is never mistaken for this one.
const prefix = `portico:${digest(JSON.stringify(tabs))}:`;

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));

export const storage = {
  getItem: (key) => localStorage.getItem(prefix + key),
  setItem: (key, value) => localStorage.setItem(prefix + key, value),
  removeItem: (key) => localStorage.removeItem(prefix + key),
  clear: () => keys().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return keys().length;
  },
};

// lastTab returns the tab that was in front when a visitor left; undefined at the first visit. GraphiQL keeps the tabs under
// this name, and does not show the variables of one that was never edited.
export function lastTab() {
  try {
    const { tabs, activeTabIndex } = JSON.parse(storage.getItem('graphiql:tabState'));
    return tabs[activeTabIndex];
  } catch {
    return undefined;
  }
}

// digest is 32-bit FNV-1a over the code units: it tells versions apart and guards nothing.
function digest(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
