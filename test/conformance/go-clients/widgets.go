package main

import (
	_ "embed"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

//go:embed widgets.yaml
var widgetsYAML []byte

var widgetsVersion = schema.GroupVersion{Group: "gophers.example.com", Version: "v1"}
var widgetsResource = widgetsVersion.WithResource("widgets")

func widgetDefinition() *apiextensionsv1.CustomResourceDefinition {
	made := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(widgetsYAML, made); err != nil {
		panic(err)
	}
	return made
}

// A Widget as code generators would write it.
type Widget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec   WidgetSpec   `json:"spec"`
	Status WidgetStatus `json:"status"`
}

type WidgetSpec struct {
	Color    string              `json:"color"`
	Replicas *int32              `json:"replicas,omitempty"`
	Limit    int32               `json:"limit,omitempty"`
	Size     *intstr.IntOrString `json:"size,omitempty"`
	Owner    string              `json:"owner,omitempty"`
	Ports    []WidgetPort        `json:"ports,omitempty"`
}

type WidgetPort struct {
	Name string `json:"name"`
	Port int32  `json:"port,omitempty"`
}

type WidgetStatus struct {
	Replicas           int32              `json:"replicas,omitempty"`
	Selector           string             `json:"selector,omitempty"`
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

type WidgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`

	Items []Widget `json:"items"`
}

func (w *Widget) DeepCopyObject() runtime.Object {
	made := &Widget{}
	copyByJSON(w, made)
	return made
}

func (w *WidgetList) DeepCopyObject() runtime.Object {
	made := &WidgetList{}
	copyByJSON(w, made)
	return made
}

// copyByJSON is slow and right.
func copyByJSON(from, to any) {
	bytes, err := yaml.Marshal(from)
	if err == nil {
		err = yaml.Unmarshal(bytes, to)
	}
	if err != nil {
		panic(err)
	}
}

func widgetScheme() *runtime.Scheme {
	made := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(made); err != nil {
			panic(err)
		}
	}
	made.AddKnownTypes(widgetsVersion, &Widget{}, &WidgetList{})
	metav1.AddToGroupVersion(made, widgetsVersion)
	return made
}

func widget(ns, name, color string) *Widget {
	return &Widget{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}, Spec: WidgetSpec{Color: color}}
}
