import { pick, useGraphiQL } from '@graphiql/react';
import { useEffect, useRef, useState } from 'react';

import { jobOf } from './jobs.js';
import { merged } from './model/indicators.js';
import { runPage } from './runPage.js';
import { useShowResponse } from './useTabs.js';

// PagesBar runs all pages of pasted indicators, one after the other, and shows their responses as one.
export function PagesBar() {
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const tab = tabs[activeTabIndex];
  const job = jobOf(tab);
  return job ? <Bar key={tab.id} job={job} /> : null;
}

function Bar({ job }) {
  const { fetcher, headerEditor } = useGraphiQL(pick('fetcher', 'headerEditor'));
  const show = useShowResponse();
  const [progress, setProgress] = useState({ done: 0, running: false, failed: false });
  const total = useRef(undefined);
  const stopped = useRef(true);
  useEffect(() => () => void (stopped.current = true), []); // another tab is in front

  async function run() {
    stopped.current = false;
    let done = progress.done === job.length ? 0 : progress.done;
    if (done === 0) total.current = undefined;
    let failed = false;
    while (done < job.length && !stopped.current && !failed) {
      setProgress({ done, running: true, failed: false });
      const response = await runPage(fetcher, job[done], headerEditor?.getValue());
      if (stopped.current) break; // what came too late is not shown
      failed = !response.data;
      show(failed ? merged(total.current, { ...response, data: {} }) : (total.current = merged(total.current, response)));
      if (!failed) done++;
    }
    setProgress({ done, running: false, failed });
    stopped.current = true;
  }

  function stop() {
    stopped.current = true;
    setProgress((before) => ({ ...before, running: false }));
  }

  const { done, running, failed } = progress;
  return (
    <section className="portico-pages" aria-label="Pages of indicators">
      <progress max={job.length} value={done} aria-label="Pages that have run" />
      <span role="status">
        {done} of {job.length} pages{failed && `. Page ${done + 1} failed; the errors say why.`}
      </span>
      <button type="button" className="portico-button" onClick={running ? stop : run}>
        {running ? 'Stop' : done > 0 && done < job.length ? 'Continue' : `Run all ${job.length} pages`}
      </button>
    </section>
  );
}
