import * as Plot from '@observablehq/plot';
import { useEffect, useRef, useState } from 'react';

// The colours of a chart: told apart in the light and in the dark theme, and by people who do not see all of them alike.
export const colours = ['#3b82c4', '#d97706', '#2f9e6e', '#a855f7', '#e0484d', '#0e9aa7', '#8a8f98', '#b08900', '#d6409f', '#6b7fd7'];

// Chart draws a plot as wide as there is room for. options(width) are Observable Plot's.
export function Chart({ label, options }) {
  const box = useRef(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (width === 0) return undefined;
    const plot = Plot.plot({ width, ...options(width) });
    // The picture has one label, and a table beside it. Labels inside of an image are not read.
    for (const part of plot.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
    plot.setAttribute('role', 'img');
    plot.setAttribute('aria-label', label);
    box.current.append(plot);
    return () => plot.remove();
  }, [width, options, label]);
  return <div className="portico-chart" ref={box} />;
}

// bars are lines with round ends, so that what lasted no time still shows.
export const bars = (data, options) => Plot.ruleY(data, { strokeWidth: 9, strokeLinecap: 'round', className: 'portico-bars', ...options });

export { Plot };
