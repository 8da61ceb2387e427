package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/record"
)

func recorderChecks(here *place) []check {
	ns := ""
	var about *corev1.ConfigMap
	// eventsFor waits until the events about something, by reason, are as many and say so.
	eventsFor := func(t *trial, reason string, enough func([]corev1.Event) bool) []corev1.Event {
		var found []corev1.Event
		t.eventually("events of "+reason, func() string {
			selector := fmt.Sprintf("involvedObject.name=%s,involvedObject.uid=%s,reason=%s", about.Name, about.UID, reason)
			found = must(here.typed.CoreV1().Events(ns).List(t, metav1.ListOptions{FieldSelector: selector})).Items
			if enough(found) {
				return ""
			}
			return fmt.Sprintf("%+v", found)
		})
		return found
	}
	return []check{
		{"the old recorder counts what repeats in one event", func(t *trial) {
			ns = here.namespace(t)
			about = must(here.typed.CoreV1().ConfigMaps(ns).Create(t, configMap("watched"), metav1.CreateOptions{}))
			broadcaster := record.NewBroadcaster()
			defer broadcaster.Shutdown()
			broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: here.typed.CoreV1().Events("")})
			recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "looker", Host: "here"})
			_, mark := here.seen.since(0)
			for range 4 {
				recorder.Eventf(about, corev1.EventTypeNormal, "Looked", "somebody looked %s", "twice")
			}
			found := eventsFor(t, "Looked", func(found []corev1.Event) bool { return len(found) == 1 && found[0].Count == 4 })
			t.same("message", found[0].Message, "somebody looked twice")
			t.same("source", found[0].Source, corev1.EventSource{Component: "looker", Host: "here"})
			t.same("object", found[0].InvolvedObject.Kind, "ConfigMap")
			t.that(!found[0].FirstTimestamp.After(found[0].LastTimestamp.Time), "times are %s and %s", found[0].FirstTimestamp, found[0].LastTimestamp)
			patches, _ := here.seen.since(mark, "PATCH", "application/strategic-merge-patch+json")
			t.same("strategic merge patches", len(patches), 3)
		}},
		{"the old recorder joins what is similar", func(t *trial) {
			broadcaster := record.NewBroadcaster()
			defer broadcaster.Shutdown()
			broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: here.typed.CoreV1().Events("")})
			recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "looker"})
			for at := range 14 {
				recorder.AnnotatedEventf(about, map[string]string{"at": fmt.Sprint(at)}, corev1.EventTypeWarning, "Similar", "number %d", at)
			}
			eventsFor(t, "Similar", func(found []corev1.Event) bool {
				for _, each := range found {
					if each.Count == 5 && len(found) == 10 && each.Message == "(combined from similar events): number 13" {
						return true
					}
				}
				return false
			})
		}},
		{"the new recorder makes a series of what repeats, seen by both groups", func(t *trial) {
			broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: here.typed.EventsV1()})
			defer broadcaster.Shutdown()
			t.must(broadcaster.StartRecordingToSinkWithContext(t))
			recorder := broadcaster.NewRecorder(scheme.Scheme, "example.com/looker")
			for range 3 {
				recorder.Eventf(about, nil, corev1.EventTypeNormal, "Repeated", "Looking", "looked at %s", about.Name)
			}
			var found []eventsv1.Event
			t.eventually("a series", func() string {
				found = must(here.typed.EventsV1().Events(ns).List(t, metav1.ListOptions{FieldSelector: "reason=Repeated"})).Items
				if len(found) == 1 && found[0].Series != nil && found[0].Series.Count >= 2 {
					return ""
				}
				return fmt.Sprintf("%+v", found)
			})
			t.same("action", found[0].Action, "Looking")
			t.same("regarding", found[0].Regarding.UID, about.UID)
			t.that(!found[0].EventTime.IsZero(), "there is no eventTime")
			old := eventsFor(t, "Repeated", func(found []corev1.Event) bool { return len(found) == 1 })
			t.same("message in the old group", old[0].Message, "looked at watched")
			t.same("series in the old group", old[0].Series.Count, found[0].Series.Count)
			t.same("controller", old[0].ReportingController, "example.com/looker")
		}},
		{"events are watched", func(t *trial) {
			watching := must(here.typed.EventsV1().Events(ns).Watch(t, metav1.ListOptions{FieldSelector: "type=Warning"}))
			defer watching.Stop()
			for range 10 {
				event := <-watching.ResultChan()
				t.same("type", event.Object.(*eventsv1.Event).Type, corev1.EventTypeWarning)
			}
		}},
	}
}
