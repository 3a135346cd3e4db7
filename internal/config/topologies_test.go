package config_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	settingsBlock = regexp.MustCompile("(?s)```\n(PORTICO_CLOUD=global\n.*?)```")
	filePath      = regexp.MustCompile(`=/(?:etc|var)/\S+`)
)

// The settings of each topology in docs/deploy.md are valid, and bring no warning.
func TestTheTopologiesOfTheDocumentationAreValid(t *testing.T) {
	text, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := settingsBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d topologies, want 3", len(blocks))
	}
	replace := strings.NewReplacer(
		"PLAYGROUND-CLIENT-ID", "77777777-7777-4888-9999-aaaaaaaaaaaa", "CLIENT-ID", "66666666-7777-4888-9999-aaaaaaaaaaaa",
		"TENANT-ID", tenant,
	)
	for _, block := range blocks {
		env := environment{}
		existing := pair(t)
		for line := range strings.Lines(filePath.ReplaceAllString(replace.Replace(block[1]), "="+existing)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			env[name] = value
		}
		cfg, err := load(t, env)
		if err != nil || len(cfg.Warnings) > 0 {
			t.Errorf("%s%v %q", block[1], err, cfg.Warnings)
		}
	}
}
