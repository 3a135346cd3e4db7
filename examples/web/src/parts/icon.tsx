/** Icons as strokes on a grid of 16, in the color of the text. They only accompany words, so screen readers skip them. */
const paths = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7L14 14',
  malicious: 'M8 1.8l6.4 11.4H1.6zM8 6v3.6M8 11.6v.2',
  suspicious: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM8 4.6v4M8 11v.2',
  neutral: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM5 8h6',
  unknown: 'M5.6 6.1C5.7 3 10.6 3.1 10.4 6.3 10.3 8.2 8 8.1 8 10.2M8 12.8v.2',
  lock: 'M3.5 7.2h9v6.3h-9zM5.4 7V5a2.6 2.6 0 0 1 5.2 0v2',
  clock: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM8 4.4V8l2.4 1.6',
  cloud: 'M4.6 12.5a2.9 2.9 0 0 1-.3-5.8 3.8 3.8 0 0 1 7.3.6 2.6 2.6 0 0 1 .2 5.2zM6.4 8.2l3.2 3.2M9.6 8.2l-3.2 3.2',
  empty: 'M2.5 9.5L4.4 3h7.2l1.9 6.5v3.6h-11zM2.5 9.5h3.3c.2 2.4 4.2 2.4 4.4 0h3.3',
  certificate: 'M2 3h12v7.5h-4M6 10.5H2V3M8 12.2a2.1 2.1 0 1 0 0-4.2 2.1 2.1 0 0 0 0 4.2zM7 12v3l1-.8 1 .8v-3',
  host: 'M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.1M4.5 11h.1',
  arrow: 'M3 8h10M9.4 4.4L13 8l-3.6 3.6',
  retry: 'M13.2 6.4A5.6 5.6 0 1 0 13.6 9M13.6 2.8v3.8H9.8',
  compare: 'M2 4h5v8H2zM9 4h5v8H9z',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
