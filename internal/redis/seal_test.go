package redis

import (
	"bytes"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestValuesComeBack(t *testing.T) {
	for what, value := range map[string][]byte{
		"nothing":                 {},
		"a short value":           []byte(`{"id":"198.51.100.7"}`),
		"a value that compresses": bytes.Repeat([]byte("again "), 1000),
		"a value as long as may be": func() []byte {
			value := make([]byte, maxValue)
			for i, x := 0, uint32(1); i < len(value); i++ { // nothing to compress
				x = x*1664525 + 1013904223
				value[i] = byte(x >> 24)
			}
			return value
		}(),
	} {
		for keys, s := range map[string]*sealer{"without a key": newSealer(""), "with a key": newSealer("key")} {
			kept, err := s.seal("name", value)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.open("name", kept)
			if err != nil || !bytes.Equal(got, value) || got == nil {
				t.Errorf("%s, %s: %d bytes, %v", what, keys, len(got), err)
			}
		}
	}
}

func TestWhatWasNotSealedHereIsNotOpened(t *testing.T) {
	keyed, keyless := newSealer("new", "old"), newSealer()
	sealed := func(s *sealer, name, value string) string {
		kept, err := s.seal(name, []byte(value))
		if err != nil {
			t.Fatal(err)
		}
		return string(kept)
	}
	bomb := string(append([]byte{compressed}, zstdOf(make([]byte, 100<<20))...))
	good := sealed(keyed, "name", "value")
	for what, tt := range map[string]struct {
		s    *sealer
		kept string
		ok   bool
	}{
		"with the new key":                {keyed, good, true},
		"with the old key":                {keyed, sealed(newSealer("old"), "name", "value"), true},
		"with another key":                {keyed, sealed(newSealer("another"), "name", "value"), false},
		"under another name":              {keyed, sealed(keyed, "other", "value"), false},
		"without a key":                   {keyed, sealed(keyless, "name", "value"), false},
		"encrypted, read without a key":   {keyless, good, false},
		"cut off":                         {keyed, good[:len(good)-1], false},
		"with a byte changed":             {keyed, good[:20] + "x" + good[21:], false},
		"nothing":                         {keyless, "", false},
		"nothing, with a key":             {keyed, "", false},
		"an unknown form":                 {keyless, "\x07value", false},
		"not zstd":                        {keyless, "\x01value", false},
		"100 MiB in a few bytes":          {keyless, bomb, false},
		"longer than any value":           {keyless, "\x00" + strings.Repeat("x", maxValue+overhead), false},
		"a text that somebody else wrote": {keyless, "value", false},
	} {
		got, err := tt.s.open("name", []byte(tt.kept))
		if (err == nil) != tt.ok || tt.ok && string(got) != "value" {
			t.Errorf("%s: %.20q %v", what, got, err)
		}
	}
	if _, err := keyless.seal("name", make([]byte, maxValue+1)); err == nil {
		t.Error("a value of more than maxValue is kept")
	}
}

func zstdOf(value []byte) []byte {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return encoder.EncodeAll(value, nil)
}

func FuzzOpen(f *testing.F) {
	keyless, keyed := newSealer(), newSealer("key")
	for _, value := range []string{"", "value", strings.Repeat("long ", 1000)} {
		for _, s := range []*sealer{keyless, keyed} {
			kept, err := s.seal("name", []byte(value))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(kept)
		}
	}
	f.Fuzz(func(t *testing.T, kept []byte) {
		value, err := keyless.open("name", kept)
		if err != nil {
			return
		}
		if len(value) > maxValue+overhead {
			t.Errorf("%d bytes", len(value))
		}
		if _, err := keyed.open("name", kept); err == nil && len(kept) > 0 && kept[0] <= compressed && len(kept) < 29 {
			t.Error("opened without having been sealed")
		}
	})
}
