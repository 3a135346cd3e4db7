import { useAsk } from '../api/useAsk';
import { isFragmentReady, readFragment } from '../gql';
import { Cost } from '../parts/cost';
import { PageState } from '../parts/pageState';
import { present, visible } from '../parts/text';
import { Day } from '../parts/time';
import type { Thing } from '../routing/route';
import { Trail } from '../routing/trail';
import { TrailProvider } from '../routing/useRoute';
import { ArticleIndicators, ArticlePage, MoreArticleIndicators } from './documents';
import { IndicatorList } from './indicators';
import { Prose } from './prose';

export function ArticleView({ id, trail }: { id: string; trail: Thing[] }) {
  const asked = useAsk(ArticlePage, { id });
  const here: Thing = { kind: 'article', id };
  return (
    <TrailProvider trail={[...trail, here]}>
      <Trail trail={trail} here={here} label={asked.data?.article?.title ?? undefined} />
      <PageState asked={asked} path={['article']} value={asked.data?.article} what="This article">
        {(article) => (
          <div className="grid">
            <article className="reading">
              <p className="tags">{present(article.tags).map((tag) => <span key={tag} className="tag">{visible(tag)}</span>)}</p>
              <h1>{visible(article.title ?? 'Untitled article')}</h1>
              <p className="quiet">Published <Day time={article.createdDateTime} />, updated <Day time={article.lastUpdatedDateTime} /></p>
              <Prose content={article.summary} />
              <Prose content={article.body} />
            </article>
            <IndicatorList asked={asked} path={['article', 'indicators']} more={MoreArticleIndicators} variables={{ id }}
              value={isFragmentReady(ArticlePage, ArticleIndicators, article) ? readFragment(ArticleIndicators, article).indicators : undefined} />
          </div>
        )}
      </PageState>
      <Cost asked={asked} />
    </TrailProvider>
  );
}
