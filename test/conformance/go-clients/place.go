package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// A place is the workspace and its clients, as one section of checks sees it.
type place struct {
	base     *rest.Config
	config   *rest.Config
	typed    kubernetes.Interface
	dynamic  dynamic.Interface
	metadata metadata.Interface
	seen     *requests
	wires    *wires
	taken    int
}

// The demo provider's kind: a bound API, which is to clients what a custom resource is.
var httpBins = schema.GroupVersionResource{Group: "orchestrate.platform-mesh.io", Version: "v1alpha1", Resource: "httpbins"}
var configMaps = corev1.SchemeGroupVersion.WithResource("configmaps")

func newPlace(config *rest.Config) *place {
	here := &place{base: config, seen: &requests{}, wires: &wires{open: map[*wire]bool{}}}
	here.config = rest.CopyConfig(config)
	here.config.Dial = here.wires.dial
	here.config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &observer{next, here.seen} })
	here.typed = kubernetes.NewForConfigOrDie(here.config)
	here.dynamic = dynamic.NewForConfigOrDie(here.config)
	here.metadata = metadata.NewForConfigOrDie(here.config)
	return here
}

// namespace makes one that nobody else uses.
func (here *place) namespace(t *trial) string {
	here.taken++
	name := fmt.Sprintf("ns-%d-%d", os.Getpid(), here.taken)
	must(here.typed.CoreV1().Namespaces().Create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}))
	return name
}

func configMap(name string, values ...string) *corev1.ConfigMap {
	made := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{}}
	for at := 0; at+1 < len(values); at += 2 {
		made.Data[values[at]] = values[at+1]
	}
	return made
}

func labelled(made *corev1.ConfigMap, values ...string) *corev1.ConfigMap {
	made.Labels = map[string]string{}
	for at := 0; at+1 < len(values); at += 2 {
		made.Labels[values[at]] = values[at+1]
	}
	return made
}

// requests is what a client has sent.
type requests struct {
	mutex sync.Mutex
	sent  []request
}

type request struct{ method, url, contentType, accept string }

type observer struct {
	next http.RoundTripper
	seen *requests
}

func (o *observer) RoundTrip(r *http.Request) (*http.Response, error) {
	o.seen.mutex.Lock()
	o.seen.sent = append(o.seen.sent, request{r.Method, r.URL.String(), r.Header.Get("Content-Type"), r.Header.Get("Accept")})
	o.seen.mutex.Unlock()
	return o.next.RoundTrip(r)
}

// since tells the requests after a mark; the new mark is the second answer.
func (s *requests) since(mark int, matching ...string) ([]request, int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found := []request{}
	for _, each := range s.sent[mark:] {
		text := each.method + " " + each.url + " " + each.contentType
		matches := true
		for _, part := range matching {
			matches = matches && strings.Contains(text, part)
		}
		if matches {
			found = append(found, each)
		}
	}
	return found, len(s.sent)
}

// wires are a client's connections: they can be torn, and kept from coming back.
type wires struct {
	mutex sync.Mutex
	open  map[*wire]bool
	down  bool
}

// A wire that was torn looks as if the other end had gone.
type wire struct {
	net.Conn
	torn atomic.Bool
}

func (w *wire) Read(bytes []byte) (int, error) {
	count, err := w.Conn.Read(bytes)
	if err != nil && w.torn.Load() {
		err = io.EOF
	}
	return count, err
}

func (w *wires) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.down {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	made, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	found := &wire{Conn: made}
	w.open[found] = true
	return found, nil
}

// cut tears all connections; there will be no new ones until mend.
func (w *wires) cut() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	torn := 0
	for each := range w.open {
		each.torn.Store(true)
		if each.Conn.Close() == nil {
			torn++
		}
		delete(w.open, each)
	}
	w.down = true
	return torn
}

func (w *wires) mend() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.down = false
}
