package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"strings"
	"time"
)

// A check is a sentence about the workspace, and how to find out whether it is true.
type check struct {
	name string
	do   func(*trial)
}

const checkSecondsMax = 90

type line struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Detail  string `json:"detail,omitempty"`
	Millis  int64  `json:"millis"`
	Version string `json:"version,omitempty"`
}

// report does the check and prints its line.
func (c check) report() {
	ctx, cancel := context.WithTimeout(context.Background(), checkSecondsMax*time.Second)
	defer cancel()
	began := time.Now()
	t := &trial{Context: ctx}
	err := t.outcome(c.do)
	if err != nil {
		t.note("%s", err)
	}
	printLine(line{Name: c.name, OK: err == nil, Detail: strings.Join(t.notes, "; "), Millis: time.Since(began).Milliseconds()})
}

func printLine(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		fail(err.Error())
	}
}

// A trial is a check under way. Its context ends when the check takes too long.
type trial struct {
	context.Context
	notes []string
}

type failed struct{ error }

// outcome turns what ended the trial early into an error. Goroutines of a check must not use must, that and the like.
func (t *trial) outcome(do func(*trial)) (err error) {
	defer func() {
		found := recover()
		if found == nil {
			return
		}
		if known, ok := found.(failed); ok {
			err = known.error
			return
		}
		err = fmt.Errorf("panic: %v\n%s", found, debug.Stack())
	}()
	do(t)
	return nil
}

// note is told with the result, whatever it is.
func (t *trial) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *trial) must(err error) {
	if err != nil {
		panic(failed{err})
	}
}

func (t *trial) that(holds bool, format string, args ...any) {
	if !holds {
		panic(failed{fmt.Errorf(format, args...)})
	}
}

func (t *trial) same(what string, got, want any) {
	t.that(reflect.DeepEqual(got, want), "%s: got %+v, want %+v", what, got, want)
}

// refused demands an error that is recognised, and whose text says why.
func (t *trial) refused(err error, is func(error) bool, text string) {
	t.that(err != nil, "nothing was refused; expected %q", text)
	t.that(is(err), "refused in another way: %T %s", err, err)
	t.that(strings.Contains(err.Error(), text), "refused in other words: %s; expected %q", err, text)
}

// eventually asks until the answer is empty, or tells the last one.
func (t *trial) eventually(what string, missing func() string) {
	last := ""
	for {
		if last = missing(); last == "" {
			return
		}
		select {
		case <-t.Done():
			panic(failed{fmt.Errorf("waited in vain: %s: %s", what, last)})
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// within limits a check further.
func (t *trial) within(limit time.Duration, what string, done <-chan struct{}) time.Duration {
	began := time.Now()
	select {
	case <-done:
		return time.Since(began)
	case <-t.Done():
	case <-time.After(limit):
	}
	panic(failed{errors.New("not within " + limit.String() + ": " + what)})
}

func must[Value any](value Value, err error) Value {
	if err != nil {
		panic(failed{err})
	}
	return value
}
