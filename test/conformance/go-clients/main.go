// Asks a workspace what programs ask of a cluster, through client-go and controller-runtime, and prints one line of JSON per
// check. The sources are built twice: with go.mod, and with client-go-0.32.mod (`-modfile`, `-tags clientgo032`).
//
//	go-clients list                                        the sections and their checks
//	go-clients run SECTION -kubeconfig FILE -server URL    runs one
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "list" {
		list()
		return
	}
	if len(os.Args) < 3 || os.Args[1] != "run" {
		fail("usage: go-clients list | go-clients run SECTION -kubeconfig FILE -server URL")
	}
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "whose token and CA")
	server := flags.String("server", "", "the workspace's address")
	if err := flags.Parse(os.Args[3:]); err != nil {
		fail(err.Error())
	}
	for _, each := range sections {
		if each.name == os.Args[2] {
			run(each, *kubeconfig, *server)
			return
		}
	}
	fail("no section is called " + os.Args[2])
}

// A section's checks run one after the other and may build on one another; sections know nothing of each other.
type section struct {
	name string
	// What the client library is told by its environment variables.
	env    map[string]string
	checks func(*place) []check
}

var sections = []section{
	{name: "typed client", checks: typedChecks},
	{name: "paging", checks: pagingChecks},
	{name: "watch", checks: watchChecks},
	{name: "server-side apply", checks: applyChecks},
	{name: "dynamic client", checks: dynamicChecks},
	{name: "metadata client", checks: metadataChecks},
	{name: "informers with WatchList", env: map[string]string{watchListFeature: "true"}, checks: informerChecks},
	{name: "informers without WatchList", env: map[string]string{watchListFeature: "false"}, checks: informerChecks},
	{name: "discovery", checks: discoveryChecks},
	{name: "rights", checks: rightsChecks},
	{name: "secrets and tokens", checks: secretChecks},
	{name: "event recorders", checks: recorderChecks},
	{name: "leader election", checks: electionChecks},
	{name: "operator", checks: operatorChecks},
	{name: "definitions", checks: definitionChecks},
	{name: "watch over restarts", checks: restartChecks},
	{name: "history that is lost", env: map[string]string{watchListFeature: "false"}, checks: forgottenChecks},
}

func list() {
	type named struct {
		Name   string   `json:"name"`
		Checks []string `json:"checks"`
	}
	found := []named{}
	for _, each := range sections {
		names := []string{}
		for _, check := range each.checks(&place{}) {
			names = append(names, check.name)
		}
		found = append(found, named{each.name, names})
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		fail(err.Error())
	}
}

func run(chosen section, kubeconfig, server string) {
	for name, value := range chosen.env {
		// Read by the library when it first asks, which is later.
		if err := os.Setenv(name, value); err != nil {
			fail(err.Error())
		}
	}
	config, err := clientcmd.BuildConfigFromFlags(server, kubeconfig)
	if err != nil {
		fail(err.Error())
	}
	config.UserAgent = "go-clients"
	config.QPS = -1
	here := newPlace(config)
	for _, each := range chosen.checks(here) {
		each.report()
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}
