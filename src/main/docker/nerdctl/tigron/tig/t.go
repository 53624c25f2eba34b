// Package tig stands in for a part of nerdctl's own test library. nerdctl's command links some of its test helpers, which
// ask for this type; the library itself lives in nerdctl's source tree and is published nowhere.
package tig

// T is what those helpers do with a test. Nothing in a nerdctl that runs calls them.
type T interface {
	Helper()
	TempDir() string
	Log(args ...any)
	Fail()
	FailNow()
}
