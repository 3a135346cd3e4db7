package graph

import (
	"context"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/plan"
	"portico/msgraph"
	"portico/threatintel"
)

// reference resolves a navigation property: with what is held, if no more is selected of the target, else with the
// target itself. An id that Microsoft Graph refers to and does not know leaves what is held, unless lists and other
// requests below the target are selected: what is not known has none. A reference without an id is null.
func reference[T comparable](ctx context.Context, r threatintel.Reference, held T) (T, error) {
	call := resolving(ctx)
	return resolveReference(ctx, call, call.Carries, r, func() T { return held })
}

// host resolves a navigation property whose target is a host. Its reference holds no more than the id.
func host(ctx context.Context, r *threatintel.Reference) (threatintel.Host, error) {
	call := resolving(ctx)
	return resolveReference(ctx, call, call.Carries, r.Value(), func() threatintel.Host { return threatintel.HostOf(r) })
}

// certificate resolves a certificate that came in full with what refers to it. Should it have come as a reference all
// the same, it is fetched by its id.
func certificate(ctx context.Context, held *threatintel.SSLCertificate) (*threatintel.SSLCertificate, error) {
	if held == nil || (held.ID != "" && !held.IsReference()) {
		return held, nil
	}
	r := threatintel.Reference{ID: held.ID}
	return resolveReference(ctx, resolving(ctx), "", r, func() *threatintel.SSLCertificate { return held })
}

func resolveReference[T comparable](
	ctx context.Context, call plan.Call, carries msgraph.Names, r threatintel.Reference, held func() T,
) (T, error) {
	var none T
	if r.ID == "" {
		return none, nil
	}
	target, projection := operationOf(ctx).Target(call.Selection, call.Target, r)
	if target.Endpoint == nil {
		return held(), nil
	}
	in := func(path []string) []ast.Path { return call.Selection.Paths(target.Concrete, path) }
	return loadReferred(ctx, entity{target, projection, !projection.IsCarriedBy(carries)}, held, in)
}

// loadReferred returns an entity that Microsoft Graph refers to, or what is held of it. In a response in parts, later
// payloads follow the first one that has the reference. Only a payload whose own requests fail has null, with an error.
func loadReferred[T comparable](ctx context.Context, e entity, held func() T, in paths) (T, error) {
	var none T
	found, err := referredIn(ctx, e, held, in)
	shown := operationOf(ctx).referred.agree(ctx, in, err == nil && found != none)
	if err != nil || !shown {
		return none, err
	}
	if found == none { // an earlier payload has it
		return held(), nil
	}
	return found, nil
}

// referredIn is loadReferred for one payload.
func referredIn[T comparable](ctx context.Context, e entity, held func() T, in paths) (T, error) {
	if !e.own {
		return ifExists(ctx, e, held(), in)
	}
	var none T
	found, err := fetch[T](ctx, e, in)
	if err == nil && found == none && !e.Owns {
		return held(), nil
	}
	return found, err
}

// artifact resolves a navigation property whose target may be of many types.
func artifact(ctx context.Context, r *threatintel.Reference) (threatintel.Artifact, error) {
	if r.Key() == "" {
		return nil, nil
	}
	return reference(ctx, *r, threatintel.ArtifactOf(r))
}
