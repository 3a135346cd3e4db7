package world

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"portico/emulator/odata"
)

// A publisher puts the published examples into a new world.
type publisher struct {
	*generator
	answers *answers
}

// publish stores the published examples, and what they refer to, in sets and lists, and keeps each as the response to
// its requests.
func (p publisher) publish() {
	for _, ex := range entityExamples {
		p.publishEntity(ex)
	}
	for _, ex := range listExamples {
		p.publishList(ex)
	}
	p.refer()
	for _, ex := range slices.Concat(entityExamples, listExamples) {
		p.publishAnswer(ex)
	}
}

func (p publisher) publishEntity(ex example) {
	en := p.exampleEntity(ex.set, unwrapped(ex.text()))
	en.AsPublished = en.ID == ExamplePortID
	for _, url := range ex.urls {
		p.put(ex.set, url[strings.LastIndexByte(url, '/')+1:], en)
	}
	p.put(ex.set, en.ID, en)
}

// publishList puts the entities of an example into the lists that it is the response to. They may differ from those on
// the entity's own page, and then the list has its own copy.
func (p publisher) publishList(ex example) {
	for _, url := range ex.urls {
		at, ok := p.listAt(url)
		if !ok {
			continue
		}
		var items []item
		for _, text := range entitiesOf(ex.text()) {
			en := p.exampleEntity(ex.set, text)
			it := item{id: en.ID}
			if stored := p.offer(ex.set, en.ID, en); !stored.Same(en) {
				it.own = en
			}
			items = append(items, it)
		}
		others, _ := p.lists.find(at.Endpoint, at.Key) // the generated articles and profiles
		p.lists.put(at.Endpoint, at.Key, append(items, others...))
	}
}

// publishAnswer keeps an example as the response to its requests.
func (p publisher) publishAnswer(ex example) {
	for _, url := range ex.urls {
		path, query, hasQuery := strings.Cut(url, "?")
		at, ok := p.model.RouteBelow(path)
		if !ok {
			panic("world: no such path: " + url) // it is written here
		}
		key := at.Path()
		if hasQuery {
			key += "?" + query
		}
		p.answers.put(key, ex.text())
	}
}

func (p publisher) exampleEntity(set string, text jsontext.Value) *odata.Entity {
	en, err := odata.NewEntity(p.model.Set(set), withoutContext(text))
	if err != nil {
		panic("world: " + err.Error()) // the text is part of the program
	}
	return en
}

// withoutContext returns an object without its @odata.context, which belongs to the response.
func withoutContext(object []byte) []byte {
	out := []byte{'{'}
	_ = odata.EachMember(object, func(name string, value jsontext.Value) error { // it was compacted before
		if name == "@odata.context" {
			return nil
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(odata.AppendString(out, name), ':')
		out = append(out, value...)
		return nil
	})
	return append(out, '}')
}

// unwrapped returns the object in {"value":{…}}, or the object itself.
func unwrapped(text []byte) jsontext.Value {
	inner := jsontext.Value(text)
	_ = odata.EachMember(text, func(name string, v jsontext.Value) error { // it was compacted before
		if name == "value" && v.Kind() == '{' {
			inner = v
		}
		return nil
	})
	return inner
}

// entitiesOf returns the elements of "value", or the object itself if it is not a list.
func entitiesOf(text []byte) []jsontext.Value {
	items := []jsontext.Value{text}
	_ = odata.EachMember(text, func(name string, v jsontext.Value) error { // it was compacted before
		if name == "value" && v.Kind() == '[' {
			items = odata.Elements(v)
		}
		return nil
	})
	return items
}
