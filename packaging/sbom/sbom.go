// Package sbom writes the software bill of materials of a build, in CycloneDX's format.
package sbom

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/CycloneDX/cyclonedx-gomod/pkg/generate/bin"
	packageurl "github.com/package-url/packageurl-go"
	"github.com/rs/zerolog"
)

// Of lists the Go modules in a program, as the toolchain recorded them, the standard library, and the npm packages in
// the playground. Page is the list of those packages that the playground's build wrote. Equal programs give equal
// lists, which have no serial number and no time.
func Of(program, page string) ([]byte, error) {
	generator, err := bin.NewGenerator(program, bin.WithIncludeStdlib(true), bin.WithLogger(zerolog.Nop()))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", program, err)
	}
	bom, err := generator.Generate()
	if err != nil {
		return nil, fmt.Errorf("listing the modules of %s: %w", program, err)
	}
	bom.Metadata.Component.Licenses = &cdx.Licenses{{License: &cdx.License{ID: "MIT"}}}
	components := append(*bom.Components, packages(page)...)
	bom.Components = &components
	var text bytes.Buffer
	if err := cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom); err != nil {
		return nil, fmt.Errorf("writing the bill of materials: %w", err)
	}
	return text.Bytes(), nil
}

// heading is the line in front of each package's license: name, version, and the license if the package declares one.
var heading = regexp.MustCompile(`(?m)^## (\S+) - (\S+)(?: \((.+)\))?$`)

func packages(page string) (components []cdx.Component) {
	for _, found := range heading.FindAllStringSubmatch(page, -1) {
		name, version, license := found[1], found[2], found[3]
		scope, short, scoped := strings.Cut(name, "/")
		if !scoped {
			scope, short = "", name
		}
		purl := packageurl.NewPackageURL(packageurl.TypeNPM, scope, short, version, nil, "").ToString()
		component := cdx.Component{
			BOMRef: purl, PackageURL: purl, Type: cdx.ComponentTypeLibrary, Scope: cdx.ScopeRequired,
			Group: scope, Name: short, Version: version,
		}
		if license != "" {
			component.Licenses = &cdx.Licenses{{Expression: license}}
		}
		components = append(components, component)
	}
	return components
}
