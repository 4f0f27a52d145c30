package load

import (
	"errors"
	"fmt"
)

// Errors that adapters translate their vendors' errors into. Match them with errors.Is.
var (
	// ErrNotFound says that the named thing does not exist (any more).
	ErrNotFound = errors.New("not found")
	// ErrConflict says that someone else changed the thing first, or that it exists already.
	ErrConflict = errors.New("conflict")
	// ErrInvalid says that a value given by the user is wrong; a *FieldError usually says which.
	ErrInvalid = errors.New("invalid")
	// ErrUnavailable says that the infrastructure does not answer; trying again later may help.
	ErrUnavailable = errors.New("unavailable")
)

// FieldError is a value that was refused, named as the user knows it ("rps", "threshold", "target").
// It matches ErrInvalid.
type FieldError struct {
	Field   string
	Message string
}

// Error returns "field: message".
func (e *FieldError) Error() string { return e.Field + ": " + e.Message }

// Unwrap makes every FieldError match ErrInvalid.
func (e *FieldError) Unwrap() error { return ErrInvalid }

func fieldErrorf(field, format string, args ...any) error {
	return &FieldError{Field: field, Message: fmt.Sprintf(format, args...)}
}
