package service

import (
	"errors"
	"io/fs"
)

// Exit codes of the program. Go itself exits with 2 after a panic.
const (
	exitFailed = 1
	// exitConfig is EX_CONFIG of sysexits.h, which systemd shows as 78/CONFIG.
	exitConfig = 78
)

// configError marks an error that lasts until somebody changes a setting, an argument or a file that a setting names.
type configError struct{ error }

func (e configError) Unwrap() error { return e.error }

// ExitCode returns the exit code for what [Run] returned: 0 for no error, 78 if a restart cannot help because a
// setting, an argument or a file is wrong, and 1 otherwise.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	if _, lasts := errors.AsType[configError](err); lasts {
		return exitConfig
	}
	return exitFailed
}

// lasting marks an error about a file or an address if a restart cannot help: it is missing, not permitted, or is
// something else. An address that is in use may be free at the next start, and one that the machine does not have may
// be there.
func lasting(err error) error {
	for _, one := range []error{fs.ErrPermission, fs.ErrNotExist, fs.ErrExist} {
		if errors.Is(err, one) {
			return configError{err}
		}
	}
	return err
}
