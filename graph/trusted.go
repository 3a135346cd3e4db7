package graph

import (
	"cmp"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/limits"
	"portico/graph/plan"
	"portico/internal/documents"
)

// Trust says what is done with documents that are not trusted.
type Trust int

// The kinds of trust.
const (
	// TrustLogged executes all documents, holds all of them to the limits, and logs those that are not in the set.
	TrustLogged Trust = iota
	// TrustAllowed executes all documents, and holds those that are not in the set to the limits of documents.
	TrustAllowed
	// TrustRequired executes the documents of the set alone, and parses no others.
	TrustRequired
)

// Trusted is the set of trusted documents of a process. It can be replaced at any time. The nil Trusted has no
// documents and refuses none.
type Trusted struct {
	checker Checker
	trust   Trust
	current atomic.Pointer[trustedSet]
}

type trustedSet struct {
	*documents.Set
	parsed map[string]*ast.QueryDocument // by text
}

// Checker validates and prices documents.
type Checker struct {
	// Limits hold documents to their limits, and bound lists of ids.
	Limits limits.Limits
	// HideSchema refuses documents that read the schema.
	HideSchema bool
}

// DocumentPrice is what one operation of a document costs at most.
type DocumentPrice struct {
	Document  documents.Document
	Operation string
	plan.Price
}

// NewTrusted returns a set without documents.
func NewTrusted(trust Trust, checker Checker) *Trusted {
	t := &Trusted{checker: checker.Under(trust), trust: trust}
	t.current.Store(&trustedSet{Set: documents.NewSet(nil)})
	return t
}

// Replace takes the documents in place of those before, if all of them are valid.
func (t *Trusted) Replace(all []documents.Document) ([]DocumentPrice, error) {
	prices, err := t.checker.Check(all)
	if err != nil {
		return nil, err
	}
	set := &trustedSet{Set: documents.NewSet(all), parsed: map[string]*ast.QueryDocument{}}
	for _, d := range all {
		if set.parsed[d.Text], err = t.checker.read(d); err != nil {
			return nil, err
		}
	}
	t.current.Store(set)
	return prices, nil
}

// Text returns the text of the document with an id.
func (t *Trusted) Text(id string) (text string, known bool) {
	if t == nil {
		return "", false
	}
	return t.current.Load().Text(id)
}

// document returns a document of the set by its text.
func (t *Trusted) document(text string) *ast.QueryDocument {
	if t == nil {
		return nil
	}
	set := t.current.Load()
	if doc := set.parsed[text]; doc != nil || !set.Has(text) {
		return doc
	}
	whole, _ := set.Text(documents.Hash(text)) // the text lacks the space around it
	return set.parsed[whole]
}

func (t *Trusted) logged() bool { return t != nil && t.trust == TrustLogged }

func (t *Trusted) required() bool { return t != nil && t.trust == TrustRequired }

// Under returns what checks the documents of a set: only if they are no more than logged, the limits of documents hold
// for them.
func (c Checker) Under(trust Trust) Checker {
	if trust != TrustLogged {
		c.Limits = c.Limits.WithoutDocument()
	}
	return c
}

// Check returns the price of each operation, or what is wrong with the documents.
func (c Checker) Check(all []documents.Document) (prices []DocumentPrice, err error) {
	var wrong []error
	for _, d := range all {
		found, err := c.prices(d)
		prices, wrong = append(prices, found...), append(wrong, err)
	}
	return prices, errors.Join(wrong...)
}

func (c Checker) prices(d documents.Document) (prices []DocumentPrice, err error) {
	doc, err := c.read(d)
	if err != nil {
		return nil, err
	}
	for _, op := range doc.Operations {
		alone, err := c.read(d) // pricing changes it
		if err != nil {
			return nil, err
		}
		planner := plan.Planner{Sealer: plan.NewSealer("")}
		price, err := planner.Price(alone, alone.Operations.ForName(op.Name), c.Limits.IDs)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", d.File, cmp.Or(d.Name, d.ID), err)
		}
		prices = append(prices, DocumentPrice{Document: d, Operation: cmp.Or(op.Name, d.Name), Price: price})
	}
	return prices, nil
}

// read parses and validates a document.
func (c Checker) read(d documents.Document) (*ast.QueryDocument, error) {
	doc, err := c.Limits.Parse(d.Text)
	var wrong gqlerror.List
	switch {
	case err != nil:
		wrong = gqlerror.List{err}
	case len(doc.Operations) == 0:
		wrong = gqlerror.List{{Message: "the document has no operation"}}
	default:
		wrong = validate(doc, c.HideSchema)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%s: %s: %w", d.File, cmp.Or(d.Name, d.ID), wrong)
	}
	return doc, nil
}
