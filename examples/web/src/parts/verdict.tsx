import type { HostReputationClassification } from '../gql/graphql';
import { Icon, type IconName } from './icon';

/** How a host is judged. `unknown` is a verdict of its own: it looks like a question, and never like an all-clear. */
export type Verdict = 'malicious' | 'suspicious' | 'neutral' | 'unknown';

const verdicts: Record<HostReputationClassification, Verdict> = {
  MALICIOUS: 'malicious', SUSPICIOUS: 'suspicious', NEUTRAL: 'neutral', UNKNOWN: 'unknown', UNRECOGNIZED: 'unknown',
};

/** A classification that Microsoft Graph does not have, or that this page does not know, is unknown. */
export const verdictOf = (reputation: { classification: HostReputationClassification | null } | null | undefined): Verdict =>
  (reputation?.classification && verdicts[reputation.classification]) || 'unknown';

const icons: Record<Verdict, IconName> = { malicious: 'malicious', suspicious: 'suspicious', neutral: 'neutral', unknown: 'unknown' };
const titles: Record<Verdict, string> = { malicious: 'Malicious', suspicious: 'Suspicious', neutral: 'Neutral', unknown: 'Unknown' };

export const meanings: Record<Verdict, string> = {
  malicious: 'Known to be malicious.',
  suspicious: 'Shows signs of malicious activity.',
  neutral: 'No sign of malicious activity was seen. That is no proof of safety.',
  unknown: 'Microsoft has no judgment about it. Unknown does not mean harmless.',
};

/** A verdict in color, shape and words. An unknown one has no score: a 0 would look like an all-clear. */
export function VerdictBadge({ verdict, score }: { verdict: Verdict; score?: number | null | undefined }) {
  return (
    <span className={`verdict ${verdict}`} title={meanings[verdict]}>
      <Icon name={icons[verdict]} /> {titles[verdict]}
      {typeof score === 'number' && verdict !== 'unknown' && <span className="score">{score}</span>}
    </span>
  );
}
