package documents_test

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/internal/documents"
)

const query = "query Port { hostPort(id: \"x\") { port } }"

func TestFormsAreDistinguished(t *testing.T) {
	t.Parallel()
	md5Sum, sha1Sum := md5.Sum([]byte(query)), sha1.Sum([]byte(query))
	byMD5, bySHA1, bySHA256 := hex.EncodeToString(md5Sum[:]), hex.EncodeToString(sha1Sum[:]), documents.Hash(query)
	encode := func(value any) string {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	apollo := func(id string) string {
		return encode(map[string]any{
			"format": "apollo-persisted-query-manifest", "version": 1,
			"operations": []any{map[string]any{"id": id, "name": "Port", "type": "query", "body": query}},
		})
	}
	for _, row := range []struct{ what, file, text, id, wrong string }{
		{"Apollo's manifest", "m.json", apollo(bySHA256), bySHA256, ""},
		{"Apollo's manifest without an extension", "m", apollo(bySHA256), bySHA256, ""},
		{"Apollo's manifest with ids of one's own", "m.json", apollo("port-1"), "port-1", ""},
		{"Relay's map", "m.json", encode(map[string]string{byMD5: query}), byMD5, ""},
		{"Relay's map as pairs", "m.json", encode([][]string{{byMD5, query}}), byMD5, ""},
		{"graphql-codegen's documents", "m.json", encode(map[string]string{bySHA1: query}), bySHA1, ""},
		{"hashes with a prefix", "m.json", encode(map[string]string{"sha256:" + bySHA256: query}), bySHA256, ""},
		{"hashes in capitals", "m.json", encode(map[string]string{strings.ToUpper(bySHA256): query}), bySHA256, ""},
		{"a GraphQL file", "port.graphql", query, bySHA256, ""},
		{"a wrong SHA-256", "m.json", apollo(strings.Repeat("0", 64)), "", "is not the hash of its text"},
		{"a wrong SHA-1", "m.json", encode(map[string]string{strings.Repeat("a", 40): query}), "", "is not the hash of its text"},
		{"a wrong MD5", "m.json", encode([][]string{{strings.Repeat("a", 32), query}}), "", "is not the hash of its text"},
		{"a prefix without a hash", "m.json", encode(map[string]string{"sha256:abc": query}), "", "is not the SHA-256"},
		{"an id that is empty", "m.json", encode(map[string]string{"": query}), "", "no id"},
		{"another version of the manifest", "m.json", strings.Replace(apollo("x"), `"version":1`, `"version":2`, 1), "", "version 2"},
		{"another manifest", "m.json", `{"format": "other"}`, "", `format "other"`},
		{"JSON of another kind", "m.json", `{"a": 1}`, "", "must hold"},
		{"a pair of three", "m.json", `[["a","b","c"]]`, "", "must hold"},
		{"text that is not JSON", "m.json", `{"a": `, "", "not valid JSON"},
		{"an id twice in a map", "m.json", `{"a": "{x}", "a": "{y}"}`, "", "not valid JSON"},
		{"an id for two texts", "m.json", encode([][]string{{"a", "{x}"}, {"a", "{y}"}}), "", "also stands for another document"},
	} {
		t.Run(row.what, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), row.file)
			if err := os.WriteFile(file, []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			all, err := documents.Read(file)
			switch {
			case row.wrong != "" && (err == nil || !strings.Contains(err.Error(), row.wrong)):
				t.Errorf("got %v, want %s", err, row.wrong)
			case row.wrong == "" && err != nil:
				t.Error(err)
			case row.wrong == "":
				if text, known := documents.NewSet(all).Text(row.id); !known || text != query || !documents.NewSet(all).Has(query) {
					t.Errorf("%q, %v", text, known)
				}
			}
		})
	}
}

func TestDirectoriesAreReadCompletely(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.graphql": query + "\n", "below/b.gql": "{ b }", "c.json": `{"c": "{ c }"}`, ".d.graphql": "{ d }", ".old/e.graphql": "{ e }", "f.txt": "{ f }",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := documents.Read(dir)
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	set := documents.NewSet(all)
	for id, want := range map[string]string{documents.Hash(query): query + "\n", documents.Hash(query + "\n"): query + "\n", "c": "{ c }"} {
		if text, _ := set.Text(id); text != want {
			t.Errorf("%s: %q", id, text)
		}
	}
	before := documents.Version(dir)
	if err := os.WriteFile(filepath.Join(dir, "g.graphql"), []byte("{ g }"), 0o600); err != nil {
		t.Fatal(err)
	}
	after := documents.Version(dir)
	if after == before {
		t.Error("a new file does not change the version")
	}
	if again := documents.Version(dir); again != after {
		t.Errorf("the version changes without a new file: %v, then %v", after, again)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	if _, err := documents.Read(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file is not reported")
	}
	if _, err := documents.Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no document") {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"format":"apollo-persisted-query-manifest","version":1,"operations":[]}`, `[["a","b"]]`, `{"a":"b"}`, query, `[`} {
		f.Add("a.json", []byte(seed))
		f.Add("a", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, file string, data []byte) {
		all, err := documents.Parse(file, data)
		for _, d := range all {
			if text, known := documents.NewSet(all).Text(d.ID); err == nil && (!known || d.ID == "" || text == "" && d.Text != "") {
				t.Errorf("%q is lost", d.ID)
			}
		}
	})
}
