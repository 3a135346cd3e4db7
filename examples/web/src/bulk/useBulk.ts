import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { Indicators } from '../search/indicators';
import { chunksOf, load, rowsOf } from './load';
import type { Row } from './rows';

export type Bulk = {
  rows: Row[];
  done: number;
  running: boolean;
  /** Seconds of a pause that Portico or Microsoft Graph asked for; 0: none. */
  pause: number;
  /** Looks failed rows up again. */
  retry: () => void;
  stop: () => void;
};

/** How often a chunk is sent again after a pause, and the longest pause that the page waits for. */
const [mostAttempts, longestPause] = [3, 120];

/** Looks the indicators up, a chunk after the other, and stops when the page is left. */
export function useBulk(indicators: Indicators): Bulk {
  const client = useApolloClient();
  const [rows, setRows] = useState(() => rowsOf(indicators));
  const [running, setRunning] = useState(false);
  const [pause, setPause] = useState(0);
  const controller = useRef<AbortController | null>(null);

  const run = useCallback(async (wanted: Row[]) => {
    controller.current?.abort();
    const { signal } = (controller.current = new AbortController());
    setRunning(true);
    for (const chunk of chunksOf(wanted)) {
      for (let attempt = 1; !signal.aborted; attempt++) {
        const loaded = await load(client, chunk, signal);
        if (signal.aborted) return;
        setRows((all) => merged(all, loaded));
        const wait = Math.max(0, ...loaded.map(({ problem }) => (problem?.kind === 'throttled' ? problem.wait || 1 : 0)));
        if (wait === 0 || wait > longestPause || attempt === mostAttempts) break;
        setPause(wait);
        await sleep(wait, signal);
        setPause(0);
      }
    }
    setRunning(false);
  }, [client]);

  useEffect(() => {
    void run(rowsOf(indicators));
    return () => controller.current?.abort();
  }, [run, indicators]);

  const stop = () => {
    controller.current?.abort();
    setRunning(false);
    setPause(0);
  };
  const retry = () => void run(rows.filter(({ state }) => state === 'failed' || state === 'waiting'));
  return { rows, running, pause, retry, stop, done: rows.filter(({ state }) => state !== 'waiting').length };
}

function merged(all: Row[], loaded: Row[]): Row[] {
  const byKey = new Map(loaded.map((row) => [`${row.kind} ${row.indicator}`, row]));
  return all.map((row) => byKey.get(`${row.kind} ${row.indicator}`) ?? row);
}

const sleep = (seconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
