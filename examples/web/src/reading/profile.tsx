import { useAsk } from '../api/useAsk';
import { isFragmentReady, readFragment } from '../gql';
import { Cost } from '../parts/cost';
import { Fact, Facts } from '../parts/facts';
import { PageState } from '../parts/pageState';
import { present, visible, words } from '../parts/text';
import { Day } from '../parts/time';
import type { Thing } from '../routing/route';
import { Trail } from '../routing/trail';
import { TrailProvider } from '../routing/useRoute';
import { MoreProfileIndicators, ProfileIndicators, ProfilePage } from './documents';
import { IndicatorList } from './indicators';
import { Prose } from './prose';

export function ProfileView({ id, trail }: { id: string; trail: Thing[] }) {
  const asked = useAsk(ProfilePage, { id });
  const here: Thing = { kind: 'profile', id };
  return (
    <TrailProvider trail={[...trail, here]}>
      <Trail trail={trail} here={here} label={asked.data?.intelligenceProfile?.title ?? undefined} />
      <PageState asked={asked} path={['intelligenceProfile']} value={asked.data?.intelligenceProfile} what="This profile">
        {(profile) => (
          <div className="grid">
            <article className="reading">
              <p className="tags"><span className="tag">{words(profile.kind ?? 'UNKNOWN')}</span></p>
              <h1>{visible(profile.title ?? 'Untitled profile')}</h1>
              <Facts>
                <Fact name="Aliases">{visible(present(profile.aliases).join(', '))}</Fact>
                <Fact name="Origin">{visible(present(profile.countriesOrRegionsOfOrigin).map(({ label }) => label).filter(Boolean).join(', '))}</Fact>
                <Fact name="First active"><Day time={profile.firstActiveDateTime} /></Fact>
                <Fact name="Targets">{visible(present(profile.targets).join('; '))}</Fact>
              </Facts>
              <Prose content={profile.summary} />
              <Prose title="Description" content={profile.description} />
              <Prose title="Tradecraft" content={profile.tradecraft} />
            </article>
            <IndicatorList asked={asked} path={['intelligenceProfile', 'indicators']} more={MoreProfileIndicators} variables={{ id }}
              value={isFragmentReady(ProfilePage, ProfileIndicators, profile) ? readFragment(ProfileIndicators, profile).indicators : undefined} />
          </div>
        )}
      </PageState>
      <Cost asked={asked} />
    </TrailProvider>
  );
}
