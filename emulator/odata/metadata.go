package odata

import (
	"encoding/xml"
	"fmt"
	"strings"
	"sync"
)

// Metadata returns the metadata document. It is written from the types that the rest of the package works with.
// https://docs.oasis-open.org/odata/odata-csdl-xml/v4.01/odata-csdl-xml-v4.01.html
func Metadata() string { return metadata() }

var metadata = sync.OnceValue(func() string {
	var out strings.Builder
	out.WriteString(xml.Header + `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">` +
		"\n  <edmx:DataServices>\n" +
		`    <Schema Namespace="microsoft.graph" Alias="graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">` + "\n")
	writeType(&out, "EntityType", typeEntity)
	writeType(&out, "ComplexType", typePhysicalAddress)
	out.WriteString(`      <EntityType Name="security">
        <NavigationProperty Name="threatIntelligence" Type="microsoft.graph.security.threatIntelligence"` +
		` ContainsTarget="true" />
      </EntityType>
      <EntityContainer Name="GraphService">
        <Singleton Name="security" Type="microsoft.graph.security" />
      </EntityContainer>
    </Schema>
    <Schema Namespace="microsoft.graph.security" Alias="self" xmlns="http://docs.oasis-open.org/odata/ns/edm">
`)
	for _, t := range enums {
		writeEnum(&out, t)
	}
	for _, t := range complexTypes {
		writeType(&out, "ComplexType", t)
	}
	for _, t := range entityTypes() {
		writeType(&out, "EntityType", t)
	}
	out.WriteString("    </Schema>\n  </edmx:DataServices>\n</edmx:Edmx>\n")
	return out.String()
})

func writeEnum(out *strings.Builder, t enum) {
	fmt.Fprintf(out, "      <EnumType Name=%q>\n", t.name)
	for value, name := range t.members {
		fmt.Fprintf(out, "        <Member Name=%q Value=\"%d\" />\n", name, value)
	}
	out.WriteString("      </EnumType>\n")
}

func writeType(out *strings.Builder, element string, t *Type) {
	fmt.Fprintf(out, "      <%s Name=%q", element, t.Name)
	if t.base != nil {
		fmt.Fprintf(out, " BaseType=%q", qualified(t.base.Name))
	}
	if t.abstract {
		out.WriteString(` Abstract="true"`)
	}
	if len(t.members) == 0 {
		out.WriteString(" />\n")
		return
	}
	out.WriteString(">\n")
	if t == typeEntity {
		out.WriteString("        <Key>\n          <PropertyRef Name=\"id\" />\n        </Key>\n")
	}
	for _, m := range t.members {
		writeMember(out, m)
	}
	fmt.Fprintf(out, "      </%s>\n", element)
}

func writeMember(out *strings.Builder, m member) {
	element, kind := "Property", qualified(m.kind)
	if m.navigation != property {
		element = "NavigationProperty"
	}
	if m.many {
		kind = "Collection(" + kind + ")"
	}
	fmt.Fprintf(out, "        <%s Name=%q Type=%q", element, m.name, kind)
	if m.required {
		out.WriteString(` Nullable="false"`)
	}
	if m.navigation == contained {
		out.WriteString(` ContainsTarget="true"`)
	}
	out.WriteString(" />\n")
}

// primitive has the types of Edm that the model uses.
var primitive = map[string]bool{"String": true, "Int32": true, "Double": true, "Boolean": true, "DateTimeOffset": true}

// qualified returns a type's name with its namespace or alias.
func qualified(kind string) string {
	switch {
	case kind == typeEntity.Name:
		return "graph." + kind
	case primitive[kind]:
		return "Edm." + kind
	case strings.Contains(kind, "."):
		return kind
	default:
		return "self." + kind
	}
}
