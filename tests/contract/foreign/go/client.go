// A reimage with Azure's own client for Go, one command per line (see foreign_clients.py).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute/v8"
)

type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "static", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

type vm struct {
	client      *armcompute.VirtualMachinesClient
	group, name string
}

type poller = *runtime.Poller[armcompute.VirtualMachinesClientReimageResponse]

func connect(endpoint, subscription, group, name, version string) (vm, error) {
	options := arm.ClientOptions{ClientOptions: policy.ClientOptions{
		APIVersion: version,
		Cloud: cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
			cloud.ResourceManager: {Endpoint: endpoint, Audience: "https://management.azure.com"},
		}},
		InsecureAllowCredentialWithHTTP: strings.HasPrefix(endpoint, "http://"),
	}}
	client, err := armcompute.NewVirtualMachinesClient(subscription, token{}, &options)
	return vm{client, group, name}, err
}

func (v vm) begin(ctx context.Context, resumeToken string) (poller, error) {
	return v.client.BeginReimage(ctx, v.group, v.name,
		&armcompute.VirtualMachinesClientBeginReimageOptions{ResumeToken: resumeToken})
}

func (v vm) show(ctx context.Context) (any, error) {
	answer, err := v.client.Get(ctx, v.group, v.name,
		&armcompute.VirtualMachinesClientGetOptions{Expand: to.Ptr(armcompute.InstanceViewTypesInstanceView)})
	if err != nil {
		return nil, err
	}
	statuses := []string{}
	for _, status := range answer.Properties.InstanceView.Statuses {
		statuses = append(statuses, *status.Code)
	}
	return map[string]any{
		"vm_id":    *answer.Properties.VMID,
		"os_disk":  *answer.Properties.StorageProfile.OSDisk.ManagedDisk.ID,
		"statuses": statuses,
	}, nil
}

func (v vm) names(ctx context.Context) (any, error) {
	found := []string{}
	for pages := v.client.NewListPager(v.group, nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, machine := range page.Value {
			found = append(found, *machine.Name)
		}
	}
	return found, nil
}

func (v vm) reimage(ctx context.Context, resumeToken string) (any, error) {
	begun, err := v.begin(ctx, resumeToken)
	return ended(ctx, begun, err)
}

func (v vm) create(ctx context.Context, body string) (any, error) {
	var machine armcompute.VirtualMachine
	if err := json.Unmarshal([]byte(body), &machine); err != nil {
		return nil, err
	}
	begun, err := v.client.BeginCreateOrUpdate(ctx, v.group, v.name, machine, nil)
	return ended(ctx, begun, err)
}

func (v vm) delete(ctx context.Context) (any, error) {
	begun, err := v.client.BeginDelete(ctx, v.group, v.name, nil)
	return ended(ctx, begun, err)
}

func ended[T any](ctx context.Context, begun *runtime.Poller[T], err error) (any, error) {
	if err == nil {
		_, err = begun.PollUntilDone(ctx, nil)
	}
	var refusal *azcore.ResponseError
	if errors.As(err, &refusal) {
		return map[string]any{"code": refusal.ErrorCode, "text": refusal.Error()}, nil
	}
	return map[string]any{"code": "", "text": ""}, err
}

func (v vm) interrupted(ctx context.Context) (any, error) {
	begun, err := v.begin(ctx, "")
	if err == nil {
		_, err = begun.Poll(ctx)
	}
	if err != nil {
		return nil, err
	}
	resumeToken, err := begun.ResumeToken()
	return map[string]any{"token": resumeToken, "done": begun.Done()}, err
}

func (v vm) do(ctx context.Context, command, argument string) (any, error) {
	switch command {
	case "show":
		return v.show(ctx)
	case "names":
		return v.names(ctx)
	case "reimage", "resume":
		return v.reimage(ctx, argument)
	case "create":
		return v.create(ctx, argument)
	case "delete":
		return v.delete(ctx)
	case "interrupted":
		return v.interrupted(ctx)
	}
	return nil, fmt.Errorf("%q is no command", command)
}

func run(arguments []string) error {
	version := ""
	if len(arguments) > 4 {
		version = arguments[4]
	}
	machine, err := connect(arguments[0], arguments[1], arguments[2], arguments[3], version)
	if err != nil {
		return err
	}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil
		}
		command, argument, _ := strings.Cut(strings.TrimSpace(line), " ")
		answer, err := machine.do(context.Background(), command, argument)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
			return err
		}
	}
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
