package service

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"portico/graph/plan"
	"portico/internal/cache"
)

// purgePath is where entries of the cache are removed.
const purgePath = "/-/purge"

// handlePurge adds the route that removes entries of the cache. No page in a browser may use it.
func handlePurge(mux *http.ServeMux, stored *cache.Cache, log *slog.Logger) {
	purge := func(w http.ResponseWriter, r *http.Request) { purgeCache(w, r, stored, log) }
	mux.Handle("POST "+purgePath, http.NewCrossOriginProtection().Handler(http.HandlerFunc(purge)))
}

// purgeCache removes the entries of one entity, which is named as the field node takes it, or all entries.
func purgeCache(w http.ResponseWriter, r *http.Request, stored *cache.Cache, log *slog.Logger) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	id, all := query.Get("entity"), query.Has("all") && query.Get("all") == ""
	if err != nil || all == (id != "") || len(query) != 1 || len(query["entity"]) > 1 {
		answer(w, http.StatusBadRequest,
			"Say what to remove: ?entity=ID, for example ?entity=Hostname:contoso.com, or ?all for everything.")
		return
	}
	removed := 0
	if all {
		removed = stored.PurgeAll()
	} else {
		path, err := plan.NodePath(id)
		if err != nil {
			answer(w, http.StatusBadRequest, "entity: "+err.Error())
			return
		}
		removed = stored.Purge(path)
	}
	log.Info("cache purged", "all", all, "entity", id, "entries", removed)
	answer(w, http.StatusOK, fmt.Sprintf("entries removed: %d", removed))
}
