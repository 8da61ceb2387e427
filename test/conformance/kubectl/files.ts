import { text } from './step.ts';

/** What lies in the folder where the commands are typed. */
export const files: Readonly<Record<string, string>> = {
  'shop.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: shop
      namespace: team
      labels: { app: shop, tier: front }
    data:
      color: blue
      size: small
  `),
  'shop-changed.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: shop
      namespace: team
      labels: { app: shop, tier: front }
    data:
      color: green
  `),
  'misspelt.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: misspelt
      namespace: team
      lables: { app: shop }
    date: { color: blue }
  `),
  'till.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: till, namespace: team }
    data: { drawer: open }
  `),
  'till-changed.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: till, namespace: team }
    data: { drawer: shut }
  `),
  'web.yaml': text(`
    apiVersion: orchestrate.platform-mesh.io/v1alpha1
    kind: HttpBin
    metadata: { name: web, namespace: team }
    spec: { region: eu-west }
  `),
  'web-changed.yaml': text(`
    apiVersion: orchestrate.platform-mesh.io/v1alpha1
    kind: HttpBin
    metadata: { name: web, namespace: team }
    spec: { region: us-east }
  `),
  'web-wrong.yaml': text(`
    apiVersion: orchestrate.platform-mesh.io/v1alpha1
    kind: HttpBin
    metadata: { name: wrong, namespace: team }
    spec: { region: 7, colour: red }
  `),
  'binding.yaml': text(`
    apiVersion: apis.kcp.io/v1alpha2
    kind: APIBinding
    metadata: { name: httpbin }
    spec: { reference: { export: { path: 'root:providers:httpbin', name: orchestrate.platform-mesh.io } } }
  `),
  'named-by-server.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata: { generateName: many-, namespace: team, labels: { app: many } }
  `),
  'environment.env': 'color=red\nsize=big\n',
  'greeting.txt': 'hello\n',
  'prune/one.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: one, namespace: team, labels: { set: numbers } }
  `),
  'prune/two.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: two, namespace: team, labels: { set: numbers } }
  `),
  'base/kustomization.yaml': text(`
    namePrefix: k-
    namespace: team
    resources: [greeting.yaml]
    labels: [{ pairs: { made-by: kustomize } }]
    configMapGenerator: [{ name: generated, literals: [a=b], options: { disableNameSuffixHash: true } }]
  `),
  'base/greeting.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: greeting }
    data: { hello: world }
  `),
  'finalizer.yaml': text(`
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: held, namespace: team, finalizers: [example.com/hold] }
  `),
  'roles.yaml': text(`
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: { name: reconciled, namespace: team }
    rules:
      - { apiGroups: [''], resources: [configmaps], verbs: [get, list] }
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: { name: reconciled, namespace: team }
    roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reconciled }
    subjects: [{ kind: User, apiGroup: rbac.authorization.k8s.io, name: ann }]
  `),
  'event.yaml': text(`
    apiVersion: v1
    kind: Event
    metadata: { name: shop.1, namespace: team }
    involvedObject: { apiVersion: v1, kind: ConfigMap, namespace: team, name: shop }
    reason: Painted
    message: the shop is blue now
    type: Normal
    count: 3
    firstTimestamp: '2026-01-01T00:00:00Z'
    lastTimestamp: '2026-01-01T00:00:00Z'
    source: { component: painter }
  `),
  'definition.yaml': text(`
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: { name: widgets.example.com }
    spec:
      group: example.com
      scope: Namespaced
      names: { plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all] }
      versions:
        - name: v1
          served: true
          storage: true
          subresources: { status: {}, scale: { specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas } }
          selectableFields: [{ jsonPath: .spec.color }]
          additionalPrinterColumns:
            - { name: Color, type: string, jsonPath: .spec.color }
            - { name: Replicas, type: integer, jsonPath: .spec.replicas }
          schema:
            openAPIV3Schema:
              type: object
              properties:
                spec:
                  type: object
                  x-kubernetes-validations: [{ rule: "self.color != 'blue' || self.replicas <= 5", message: at most 5 blue ones }]
                  properties:
                    color: { type: string, enum: [red, green, blue], default: red, description: What it looks like }
                    replicas: { type: integer, maximum: 10, default: 1 }
                status:
                  type: object
                  properties:
                    replicas: { type: integer }
                    conditions:
                      type: array
                      items: { type: object, properties: { type: { type: string }, status: { type: string } } }
  `),
  'widget.yaml': text(`
    apiVersion: example.com/v1
    kind: Widget
    metadata: { name: first, namespace: team }
    spec: {}
  `),
  'widget-changed.yaml': text(`
    apiVersion: example.com/v1
    kind: Widget
    metadata: { name: first, namespace: team }
    spec: { color: green }
  `),
  'policy.yaml': text(`
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata: { name: few-replicas }
    spec:
      matchConstraints:
        resourceRules:
          - { apiGroups: [example.com], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [widgets] }
      validations: [{ expression: object.spec.replicas <= 4, message: at most 4 }]
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata: { name: few-replicas }
    spec: { policyName: few-replicas, validationActions: [Deny] }
  `),
};
