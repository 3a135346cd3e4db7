import { useState, type FormEvent, type ReactNode } from 'react';

import { useAsk } from '../api/useAsk';
import { Cost } from '../parts/cost';
import { countOf, More } from '../parts/list';
import { PageState } from '../parts/pageState';
import { Empty } from '../parts/section';
import { present, visible, words } from '../parts/text';
import { Day } from '../parts/time';
import type { Thing } from '../routing/route';
import { urlOf } from '../routing/route';
import { Articles, Profiles } from './documents';

/** A page with a list that is searched by one word, as Microsoft Graph does. */
export function Searchable({ title, children }: { title: string; children: (search: string) => ReactNode }) {
  const [search, setSearch] = useState('');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setSearch(String(new FormData(event.currentTarget).get('word') ?? '').trim());
  };
  return (
    <>
      <header className="page-head">
        <h1 className="plain">{title}</h1>
        <form className="inline-form" role="search" onSubmit={submit}>
          <label className="unseen" htmlFor="word">A word in the {title.toLowerCase()}</label>
          <input id="word" name="word" className="field" type="search" placeholder="One word" />
          <button type="submit" className="button">Search</button>
        </form>
      </header>
      {children(search)}
    </>
  );
}

export function ArticleList({ search }: { search: string }) {
  const variables = { search: search || null };
  const asked = useAsk(Articles, variables);
  return (
    <>
      <PageState asked={asked} path={['articles']} value={asked.data?.articles} what="The list of articles">
        {(list) => (
          <>
            {list.nodes.length === 0 && <Empty>No article has the word “{search}”.</Empty>}
            <p className="quiet">{countOf(list)} articles</p>
            <ul className="cards">
              {present(list.nodes).map((article) => (
                <Card key={article.id} thing={{ kind: 'article', id: article.id }} title={article.title} text={article.summary?.text ?? null}
                  tags={[...(article.isFeatured ? ['Featured'] : []), ...present(article.tags)]} note={<Day time={article.createdDateTime} />} />
              ))}
            </ul>
            <More what="articles" connection={list} document={Articles} variables={variables} />
          </>
        )}
      </PageState>
      <Cost asked={asked} />
    </>
  );
}

export function ProfileList({ search }: { search: string }) {
  const variables = { search: search || null };
  const asked = useAsk(Profiles, variables);
  return (
    <>
      <PageState asked={asked} path={['intelligenceProfiles']} value={asked.data?.intelligenceProfiles} what="The list of profiles">
        {(list) => (
          <>
            {list.nodes.length === 0 && <Empty>No profile has the word “{search}”.</Empty>}
            <p className="quiet">{countOf(list)} profiles</p>
            <ul className="cards">
              {present(list.nodes).map((profile) => (
                <Card key={profile.id} thing={{ kind: 'profile', id: profile.id }} title={profile.title} text={profile.summary?.text ?? null}
                  tags={present(profile.aliases)} note={[words(profile.kind ?? 'UNKNOWN'), ...present(profile.countriesOrRegionsOfOrigin).map(({ label }) => label)].filter(Boolean).join(', ')} />
              ))}
            </ul>
            <More what="profiles" connection={list} document={Profiles} variables={variables} />
          </>
        )}
      </PageState>
      <Cost asked={asked} />
    </>
  );
}

const mostTags = 8;

type CardProps = { thing: Thing; title: string | null; text: string | null; tags: string[]; note: ReactNode };

function Card({ thing, title, text, tags, note }: CardProps) {
  return (
    <li className="panel card">
      <h2><a href={urlOf(thing)}>{visible(title ?? 'Untitled')}</a></h2>
      <p className="quiet">{note}</p>
      {text && <p className="clamp">{visible(text)}</p>}
      <p className="tags">{tags.slice(0, mostTags).map((tag, i) => <span key={i} className="tag">{visible(tag)}</span>)}</p>
    </li>
  );
}
