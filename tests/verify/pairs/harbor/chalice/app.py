from chalice import AuthResponse, Chalice, CognitoUserPoolAuthorizer, CORSConfig, Rate

app = Chalice(app_name="harbor")
app.api.binary_types = ["image/png"]
app.experimental_feature_flags.update(["WEBSOCKETS"])

port = CognitoUserPoolAuthorizer(
    "Port", provider_arns=["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/port"], scopes=["ships/read"]
)
app.api.cors = CORSConfig(allow_origin="https://harbor.example.com", max_age=60)


@app.route("/ships", methods=["GET", "POST"], content_types=["application/json", "text/csv"])
def ships():
    return []


@app.route("/ships/{name}", authorizer=port)
def ship(name):
    return {"name": name}


@app.authorizer(ttl_seconds=30)
def pilots(auth):
    return AuthResponse(routes=["*"], principal_id=auth.token)


@app.route("/pilots", authorizer=pilots, api_key_required=True)
def pilot():
    return {}


@app.schedule(Rate(6, unit=Rate.HOURS))
def tide(event):
    return event.time


@app.on_cw_event({"source": ["harbor.radar"]})
def seen(event):
    return event.detail


@app.on_sqs_message(queue="cargo", batch_size=5, maximum_batching_window_in_seconds=30)
def unload(event):
    return [record.body for record in event]


@app.on_sns_message(topic="storms")
def warn(event):
    return event.message


@app.on_kinesis_record(stream="positions", starting_position="TRIM_HORIZON")
def track(event):
    return [record.data for record in event]


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:eu-west-1:123456789012:table/berths/stream/1")
def moor(event):
    return [record.new_image for record in event]


@app.on_s3_event(bucket="manifests", prefix="in/")
def read_manifest(event):
    return event.key


@app.on_ws_message()
def radio(event):
    app.log.info(event.body)
