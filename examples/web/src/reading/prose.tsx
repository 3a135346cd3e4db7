import { visible } from '../parts/text';

/**
 * Shows a text of Microsoft's in paragraphs. It is the field `text` of FormattedContent: Portico has removed the markup, so that
 * nothing here interprets HTML or Markdown.
 */
export function Prose({ title, content }: { title?: string; content: { text: string | null } | null }) {
  const paragraphs = (content?.text ?? '').split(/\n{2,}/).map((text) => text.trim()).filter(Boolean);
  if (paragraphs.length === 0) return null;
  return (
    <section className="prose">
      {title && <h2>{title}</h2>}
      {paragraphs.map((text, i) => <p key={i}>{visible(text)}</p>)}
    </section>
  );
}
