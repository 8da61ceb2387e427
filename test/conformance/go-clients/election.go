package main

import (
	"context"
	"os"
	"strings"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

const (
	leaseFor    = 6 * time.Second
	renewWithin = 4 * time.Second
	retryEvery  = 500 * time.Millisecond
)

// How long the first leader must hold; minutes where there is time for it.
func holdFor() time.Duration {
	if asked, err := time.ParseDuration(os.Getenv("ELECTION_HOLDS")); err == nil {
		return asked
	}
	return 8 * time.Second
}

func electionChecks(here *place) []check {
	ns := ""
	story := &terms{}
	var first, second, third *candidate
	return []check{
		{"of two candidates one leads, and goes on leading", func(t *trial) {
			ns = here.namespace(t)
			first = newCandidate(t, here, story, ns, "first")
			t.within(5*time.Second, "the first leads", first.leads)
			second = newCandidate(t, here, story, ns, "second")
			t.eventually("the second sees who leads", func() string {
				if second.elector.GetLeader() == "first" {
					return ""
				}
				return "it sees " + second.elector.GetLeader()
			})
			before := lease(t, here, ns)
			held, cancel := context.WithTimeout(context.Background(), holdFor())
			defer cancel()
			select {
			case <-held.Done():
			case <-second.leads:
				t.that(false, "the second took over from one that renews: %s", story)
			case <-first.ended:
				t.that(false, "the first has stopped: %s", story)
			}
			after := lease(t, here, ns)
			t.same("transitions", *after.Spec.LeaseTransitions, *before.Spec.LeaseTransitions)
			t.that(after.Spec.RenewTime.Time.Sub(before.Spec.RenewTime.Time) > holdFor()/2, "it was renewed at %s and %s", before.Spec.RenewTime, after.Spec.RenewTime)
			t.note("held for %s", holdFor())
		}},
		{"a leader that is cut off gives up in time, and the other takes over no sooner than the lease ends", func(t *trial) {
			first.wires.cut()
			t.note("gave up after %s", t.within(renewWithin+2*time.Second, "the first gives up", first.ended))
			t.note("taken over after %s more", t.within(leaseFor, "the second leads", second.leads))
			t.same("holder", *lease(t, here, ns).Spec.HolderIdentity, "second")
			t.same("transitions", *lease(t, here, ns).Spec.LeaseTransitions, int32(1))
		}},
		{"a leader that releases is followed at once", func(t *trial) {
			third = newCandidate(t, here, story, ns, "third")
			t.eventually("the third sees who leads", func() string {
				if third.elector.GetLeader() == "second" {
					return ""
				}
				return "it sees " + third.elector.GetLeader()
			})
			second.stop()
			took := t.within(leaseFor/2, "the third leads", third.leads)
			t.note("after %s", took)
			third.stop()
			t.within(2*time.Second, "the third ends", third.ended)
		}},
		{"there were never two leaders at once", func(t *trial) {
			t.same("terms", len(story.told), 6)
			for at, each := range story.told {
				t.that(strings.HasSuffix(each, []string{"began", "ended"}[at%2]), "the story is %s", story)
			}
			t.note("%s", story)
		}},
	}
}

// terms is who led, from when to when.
type terms struct {
	mutex sync.Mutex
	told  []string
}

func (s *terms) tell(who, what string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.told = append(s.told, who+" "+what)
}

func (s *terms) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strings.Join(s.told, ", ")
}

// A candidate has connections of its own.
type candidate struct {
	elector *leaderelection.LeaderElector
	wires   *wires
	leads   chan struct{}
	ended   chan struct{}
	stop    context.CancelFunc
}

func newCandidate(t *trial, here *place, story *terms, ns, name string) *candidate {
	own := newPlace(here.base)
	made := &candidate{wires: own.wires, leads: make(chan struct{}), ended: make(chan struct{})}
	lock := must(resourcelock.New(resourcelock.LeasesResourceLock, ns, "leader", own.typed.CoreV1(), own.typed.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: name}))
	made.elector = must(leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: lock, Name: "leader", LeaseDuration: leaseFor, RenewDeadline: renewWithin, RetryPeriod: retryEvery, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			// A leader has to end with its context: it is told that it has stopped only after the lease was released.
			OnStartedLeading: func(leading context.Context) {
				story.tell(name, "began")
				close(made.leads)
				<-leading.Done()
				story.tell(name, "ended")
			},
			OnStoppedLeading: func() { close(made.ended) },
		},
	}))
	ctx, cancel := context.WithCancel(context.Background())
	made.stop = cancel
	go made.elector.Run(ctx)
	return made
}

func lease(t *trial, here *place, ns string) *coordinationv1.Lease {
	return must(here.typed.CoordinationV1().Leases(ns).Get(t, "leader", metav1.GetOptions{}))
}
