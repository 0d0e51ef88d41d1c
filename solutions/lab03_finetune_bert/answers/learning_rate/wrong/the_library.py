# mistake: not allowed
def learning_rate(step, steps, warmup, peak):
    from transformers import get_linear_schedule_with_warmup

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    return peak * get_linear_schedule_with_warmup(optimizer, warmup, steps).lr_lambdas[0](step)
