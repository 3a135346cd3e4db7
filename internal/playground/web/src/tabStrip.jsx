import { pick, PlusIcon, Tab, Tabs, Tooltip, UnStyledButton, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';

import { titleOf } from './model/tabs.js';

// TabStrip shows each tab by the question in it. It scrolls where the tabs need more room than there is.
export function TabStrip() {
  const { addTab, moveTab, closeTab, changeTab } = useGraphiQLActions();
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const strip = useRef(null);
  const active = tabs[activeTabIndex]?.id;
  useEffect(() => {
    strip.current?.querySelector('.graphiql-tab-active')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active, tabs.length]);
  return (
    <>
      <Tabs ref={strip} values={tabs} onReorder={moveTab} aria-label="Select active operation">
        {tabs.map((tab, i) => {
          const title = titleOf(tab.query) || 'New tab';
          return (
            <Tab key={tab.id} dragConstraints={strip} value={tab} isActive={i === activeTabIndex}>
              <Tab.Button aria-controls="graphiql-session" id={`graphiql-session-tab-${i}`} title={title} onClick={() => changeTab(i)}>
                <span className="portico-tab-title">{title}</span>
              </Tab.Button>
              {tabs.length > 1 && <Tab.Close aria-label={`Close ${title}`} onClick={() => closeTab(i)} />}
            </Tab>
          );
        })}
      </Tabs>
      <Tooltip label="New tab">
        <UnStyledButton type="button" className="graphiql-tab-add" onClick={addTab} aria-label="New tab">
          <PlusIcon aria-hidden="true" />
        </UnStyledButton>
      </Tooltip>
    </>
  );
}
