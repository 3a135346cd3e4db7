package graph

import (
	"context"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/graph/incremental"
	"portico/graph/limits"
	"portico/graph/plan"
	"portico/internal/documents"
)

// preparation prepares operations in place of gqlgen's, which reads variables and literals more loosely than the
// specification allows. See package coerce.
type preparation struct {
	limits     limits.Limits
	hideSchema bool
	documents  *limits.Documents
	trusted    *Trusted
	log        *slog.Logger
	recovered  graphql.RecoverFunc
}

// CreateOperationContext parses, bounds and validates a document, unless it is known, and reads the variables.
func (p preparation) CreateOperationContext(
	ctx context.Context, params *graphql.RawParams,
) (*graphql.OperationContext, gqlerror.List) {
	oc := &graphql.OperationContext{
		RawQuery: params.Query, OperationName: params.OperationName, Extensions: params.Extensions, Headers: params.Headers,
		RecoverFunc:            p.recovered,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: aroundRootField,
	}
	var errs gqlerror.List
	if oc.Doc, errs = p.document(ctx, params.Query); errs != nil {
		return oc, errs
	}
	if oc.Operation = oc.Doc.Operations.ForName(params.OperationName); oc.Operation == nil {
		return oc, refuse(gqlerror.Errorf("operation %s not found", params.OperationName), code.ValidationFailed)
	}
	var err *gqlerror.Error
	if oc.Variables, err = plan.Input.Variables(oc.Operation, params.Variables); err != nil {
		return oc, refuse(err, code.BadUserInput)
	}
	incremental.Settle(ctx, oc)
	return oc, nil
}

// document returns a document that is trusted, or within the limits and valid.
func (p preparation) document(ctx context.Context, text string) (*ast.QueryDocument, gqlerror.List) {
	if doc := p.trusted.document(text); doc != nil {
		return doc, nil
	}
	if p.trusted.required() {
		return nil, refuse(gqlerror.Errorf("This document is not one of the trusted documents."), code.DocumentNotTrusted)
	}
	if doc, known := p.documents.Get(ctx, text); known {
		return doc, nil
	}
	doc, err := p.limits.Parse(text)
	switch {
	case err != nil:
		return nil, gqlerror.List{err}
	case len(doc.Operations) == 0:
		return nil, refuse(gqlerror.Errorf("no operation provided"), code.ValidationFailed)
	}
	if errs := validate(doc, p.hideSchema); errs != nil {
		return nil, errs
	}
	if p.trusted.logged() {
		p.log.WarnContext(ctx, "document is not trusted",
			"document", documents.Hash(text), "operation", doc.Operations[0].Name)
	}
	p.documents.Add(ctx, text, doc)
	return doc, nil
}
