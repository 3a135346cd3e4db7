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

// addressError marks the error of an address that cannot be opened, if a restart cannot help. An address that is in use
// may be free by then, and one that the machine does not have yet may be there.
func addressError(err error) error {
	for _, lasting := range []error{fs.ErrPermission, fs.ErrNotExist, fs.ErrExist} {
		if errors.Is(err, lasting) {
			return configError{err}
		}
	}
	return err
}
