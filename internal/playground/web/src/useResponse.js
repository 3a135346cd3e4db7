import { useGraphiQL } from '@graphiql/react';
import { useEffect, useMemo, useState } from 'react';

import { read } from './model/response.js';

// useResponse is what the response pane shows, parsed: of the tab in front, and with the parts of a deferred response that have
// arrived.
export function useResponse() {
  const editor = useGraphiQL((state) => state.responseEditor);
  const [text, setText] = useState('');
  useEffect(() => {
    if (!editor) return undefined;
    const update = () => setText(editor.getValue());
    update();
    const listener = editor.onDidChangeModelContent(update);
    return () => listener.dispose();
  }, [editor]);
  return useMemo(() => read(text), [text]);
}
