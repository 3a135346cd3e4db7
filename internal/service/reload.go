package service

import (
	"context"
	"os"

	"portico/internal/config"
	"portico/internal/listen"
)

// reloads says when the settings are loaded again, and how. The environment of a process does not change, but the files
// that it names do.
type reloads struct {
	hangups <-chan os.Signal
	load    func() (config.Config, error)
}

// reloadOnHangup reads secrets and certificates again at each signal, until ctx ends.
func (s *Service) reloadOnHangup(ctx context.Context, again reloads, certificate *listen.Certificate) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.hangups:
		}
		if err := s.documents.reload(); err != nil {
			s.log.Error("the trusted documents cannot be used; the previous ones stay in use", "error", err.Error())
		}
		if err := s.reload(again.load, certificate); err != nil {
			s.log.Warn("secrets and certificates cannot be read again; those in use stay", "error", err.Error())
			continue
		}
		s.log.Info("secrets and certificates were read again")
	}
}

// reload takes over secrets and certificates from their files. Nothing changes if any of them cannot be used.
func (s *Service) reload(load func() (config.Config, error), certificate *listen.Certificate) error {
	fresh, err := load()
	if err != nil {
		return err
	}
	useCertificate, useCredential := func() {}, func() {}
	if certificate != nil {
		if useCertificate, err = certificate.Reload(); err != nil {
			return err
		}
	}
	if !fresh.EmulatorInProcess() { // that has a secret of its own
		if useCredential, err = s.upstream.tokens.Credential(credential(fresh)); err != nil {
			return err
		}
	}
	useCertificate()
	useCredential()
	if !fresh.CursorKey.IsZero() { // a key of this process's own stays
		s.cursors.SetKeys(fresh.CursorKey.Reveal(), fresh.CursorKeyOld.Reveal())
	}
	s.replicas.setKeys(fresh)
	return nil
}
