import { check } from "k6";
import http from "k6/http";

const parameters = { headers: { "Content-Type": "application/json" } };

export default function () {
  const answer = http.post(__ENV.URL, __ENV.BODY, parameters);
  check(answer, { "status is 200": (given) => given.status === 200 });
}
