import type { Thing } from '../routing/route';
import { ArticleView } from './article';
import { ArticleList, ProfileList, Searchable } from './lists';
import { ProfileView } from './profile';
import { VulnerabilityView } from './vulnerability';

type ReadingProps = { list: 'articles' | 'profiles' } | { thing: Thing; trail: Thing[] };

/** What is read rather than looked up. */
export default function Reading(props: ReadingProps) {
  if ('list' in props) {
    return props.list === 'articles'
      ? <Searchable title="Articles">{(search) => <ArticleList key={search} search={search} />}</Searchable>
      : <Searchable title="Profiles">{(search) => <ProfileList key={search} search={search} />}</Searchable>;
  }
  const { thing: { kind, id }, trail } = props;
  if (kind === 'article') return <ArticleView id={id} trail={trail} />;
  if (kind === 'profile') return <ProfileView id={id} trail={trail} />;
  return <VulnerabilityView id={id} trail={trail} />;
}
