package service

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"portico/graph"
	"portico/internal/auth"
	"portico/internal/config"
	"portico/internal/documents"
)

// documentsInterval is how often Portico looks whether the trusted documents changed.
const documentsInterval = 2 * time.Second

// trustedDocuments keeps the trusted documents as they are in their files. Nil has none.
type trustedDocuments struct {
	path    string
	trusted *graph.Trusted
	log     *slog.Logger
	stop    chan struct{}
	stopped sync.WaitGroup

	mu      sync.Mutex
	version string
}

// checker is how documents are validated with some settings.
func checker(cfg config.Config) graph.Checker {
	return graph.Checker{Limits: cfg.Limits, HideSchema: !cfg.Introspects()}
}

// trustOf returns what the setting says of documents that are not trusted.
func trustOf(cfg config.Config) graph.Trust {
	switch cfg.DocumentsMode {
	case config.DocumentsAllow:
		return graph.TrustAllowed
	case config.DocumentsRequire:
		return graph.TrustRequired
	}
	return graph.TrustLogged
}

// registrant returns what names the callers that register documents, nil if none may.
func registrant(cfg config.Config) func(context.Context) string {
	if !cfg.APQ.On() {
		return nil
	}
	return auth.CallerKey
}

// newTrustedDocuments reads the documents, and watches their files. It returns nil if there are none, and an error that
// says all that is wrong.
func newTrustedDocuments(cfg config.Config, log *slog.Logger) (*trustedDocuments, error) {
	if cfg.DocumentsMode == config.DocumentsOff {
		return nil, nil
	}
	d := &trustedDocuments{
		path: cfg.Documents, trusted: graph.NewTrusted(trustOf(cfg), checker(cfg)),
		log: log, stop: make(chan struct{}),
	}
	if err := d.reload(); err != nil {
		return nil, err
	}
	d.stopped.Go(d.watch)
	return d, nil
}

// set is what operations are held to, nil without documents.
func (d *trustedDocuments) set() *graph.Trusted {
	if d == nil {
		return nil
	}
	return d.trusted
}

// reload takes the documents that are in the files now, or keeps those in use if anything is wrong with the new ones.
func (d *trustedDocuments) reload() error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.version = documents.Version(d.path) // before reading: a change meanwhile is found the next time
	all, err := documents.Read(d.path)
	if err != nil {
		return fmt.Errorf("PORTICO_DOCUMENTS (--documents): %w", err)
	}
	prices, err := d.trusted.Replace(all)
	if err != nil {
		return fmt.Errorf("PORTICO_DOCUMENTS (--documents): %w", err)
	}
	items := 0
	for _, price := range prices {
		items = max(items, price.Items)
	}
	d.log.Info("trusted documents loaded", "documents", len(all), "operations", len(prices), "most_items", items)
	return nil
}

// watch reloads the documents when their files changed, until close.
func (d *trustedDocuments) watch() {
	ticker := time.NewTicker(documentsInterval)
	defer ticker.Stop()
	for {
		select {
		case <-d.stop:
			return
		case <-ticker.C:
		}
		if !d.changed() {
			continue
		}
		if err := d.reload(); err != nil {
			d.log.Error("the changed trusted documents cannot be used; the previous ones stay in use", "error", err.Error())
		}
	}
}

func (d *trustedDocuments) changed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return documents.Version(d.path) != d.version
}

func (d *trustedDocuments) close() {
	if d != nil {
		close(d.stop)
		d.stopped.Wait()
	}
}
