import { graphql } from '../gql';

export const Articles = graphql(`
  query Articles($search: String, $after: String) {
    articles(search: $search, first: 20, after: $after) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { id title isFeatured tags createdDateTime summary { text } }
    }
  }
`);

export const ArticlePage = graphql(`
  query ArticlePage($id: ID!, $after: String) {
    article(id: $id) {
      id
      title
      isFeatured
      tags
      createdDateTime
      lastUpdatedDateTime
      summary { text }
      body { text }
      ... @defer(label: "indicators") { ...ArticleIndicators }
    }
  }
`);

export const ArticleIndicators = graphql(`
  fragment ArticleIndicators on Article {
    indicators(first: 50, after: $after) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { ...IndicatorRow }
    }
  }
`);

export const IndicatorRow = graphql(`
  fragment IndicatorRow on Indicator {
    id
    source
    artifact { id ... on UnclassifiedArtifact { kind value } }
  }
`);

export const MoreArticleIndicators = graphql(`
  query MoreArticleIndicators($id: ID!, $after: String) { article(id: $id) { id ...ArticleIndicators } }
`);

export const Profiles = graphql(`
  query Profiles($search: String, $after: String) {
    intelligenceProfiles(search: $search, first: 20, after: $after) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { id title kind aliases targets countriesOrRegionsOfOrigin { label } summary { text } }
    }
  }
`);

export const ProfilePage = graphql(`
  query ProfilePage($id: ID!, $after: String) {
    intelligenceProfile(id: $id) {
      id
      title
      kind
      aliases
      targets
      firstActiveDateTime
      countriesOrRegionsOfOrigin { label }
      summary { text }
      description { text }
      tradecraft { text }
      ... @defer(label: "indicators") { ...ProfileIndicators }
    }
  }
`);

export const ProfileIndicators = graphql(`
  fragment ProfileIndicators on IntelligenceProfile {
    indicators(first: 50, after: $after) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { ...IndicatorRow }
    }
  }
`);

export const MoreProfileIndicators = graphql(`
  query MoreProfileIndicators($id: ID!, $after: String) { intelligenceProfile(id: $id) { id ...ProfileIndicators } }
`);

export const VulnerabilityPage = graphql(`
  query VulnerabilityPage($id: ID!) {
    vulnerability(id: $id) {
      id
      severity
      priorityScore
      activeExploitsObserved
      exploitsAvailable
      hasChatter
      publishedDateTime
      lastModifiedDateTime
      commonWeaknessEnumerationIds
      cvss3Summary { score severity vectorString }
      description { text }
      remediation { text }
      references { name url }
      ... @defer(label: "related") { ...VulnerabilityRelated }
    }
  }
`);

export const VulnerabilityRelated = graphql(`
  fragment VulnerabilityRelated on Vulnerability {
    articles(first: 20) { isTruncated nodes { id title createdDateTime } }
    components(first: 50) { isTruncated nodes { id name } }
  }
`);
